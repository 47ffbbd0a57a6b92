#include "harness/base/shared_region.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr size_t kBytes = 10'000;

UniqueFd Duplicate(int fd) {
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

TEST(SharedRegion, IsZeroedAndOfTheAskedSize) {
  const SharedRegion region = SharedRegion::Create("test", kBytes);
  ASSERT_EQ(region.size(), kBytes);
  EXPECT_TRUE(std::all_of(region.bytes().begin(), region.bytes().end(),
                          [](std::byte b) { return b == std::byte{0}; }));
}

TEST(SharedRegion, CannotBeShrunkOrGrown) {
  const SharedRegion region = SharedRegion::Create("test", kBytes);
  EXPECT_EQ(::ftruncate(region.fd(), 1), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(region.fd(), 2 * kBytes), -1);
  EXPECT_EQ(errno, EPERM);
}

TEST(SharedRegion, ItsDescriptorIsNotInherited) {
  const SharedRegion region = SharedRegion::Create("test", kBytes);
  EXPECT_TRUE(::fcntl(region.fd(), F_GETFD) & FD_CLOEXEC);
}

TEST(SharedRegion, ShowsWritesToWhoeverAttaches) {
  const SharedRegion mine = SharedRegion::Create("test", kBytes);
  const SharedRegion theirs =
      SharedRegion::Attach(Duplicate(mine.fd()), kBytes, SharedRegion::Access::kReadWrite);
  ASSERT_NE(mine.data(), theirs.data());
  mine.data()[kBytes - 1] = std::byte{42};
  EXPECT_EQ(theirs.data()[kBytes - 1], std::byte{42});
  theirs.data()[0] = std::byte{7};
  EXPECT_EQ(mine.data()[0], std::byte{7});
}

TEST(SharedRegion, AttachedReadOnlyRefusesWrites) {
  const SharedRegion mine = SharedRegion::Create("test", kBytes);
  const SharedRegion theirs =
      SharedRegion::Attach(Duplicate(mine.fd()), kBytes, SharedRegion::Access::kReadOnly);
  const UniqueFd zeros(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(::read(zeros.get(), theirs.data(), 1), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST(SharedRegion, RefusesToAttachWhatIsTooSmall) {
  const SharedRegion region = SharedRegion::Create("test", kBytes);
  EXPECT_THROW(
      SharedRegion::Attach(Duplicate(region.fd()), kBytes + 1, SharedRegion::Access::kReadWrite),
      Error);
}

TEST(SharedRegion, RefusesToAttachNothing) {
  EXPECT_THROW(SharedRegion::Attach(UniqueFd(), 1, SharedRegion::Access::kReadWrite), Error);
}

TEST(SharedRegion, RefusesSizesThatCannotBe) {
  EXPECT_THROW(SharedRegion::Create("test", 0), Error);
  EXPECT_THROW(SharedRegion::Create("test", SIZE_MAX), Error);
}

TEST(SharedRegion, MovesItsMapping) {
  SharedRegion first = SharedRegion::Create("test", kBytes);
  std::byte* data = first.data();
  SharedRegion second = SharedRegion::Create("other", 1);
  second = std::move(first);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(second.size(), kBytes);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): the moved-from state is promised
}

TEST(SharedRegion, ClosesItsDescriptor) {
  int fd = -1;
  {
    const SharedRegion region = SharedRegion::Create("test", kBytes);
    fd = region.fd();
    EXPECT_GE(::fcntl(fd, F_GETFD), 0);
  }
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

}  // namespace
}  // namespace coresweep
