#include "harness/ipc/transports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/error.h"
#include "harness/core/cell.h"

namespace coresweep {
namespace {

TEST(Transports, TableHasTheNamesThatConfigurationsMayUse) {
  std::vector<std::string_view> names;
  for (const TransportEntry& entry : TransportTable())
    names.push_back(entry.name);
  EXPECT_THAT(names, testing::ElementsAreArray(TransportNames().begin(), TransportNames().end()));
}

TEST(Transports, AreFoundByTheirNames) {
  for (const TransportEntry& entry : TransportTable()) {
    EXPECT_EQ(&FindTransport(entry.name), &entry);
    EXPECT_FALSE(entry.summary.empty());
  }
  EXPECT_THROW((void)FindTransport("pigeon"), Error);
}

TEST(SharedBytes, AreNoneWhereTheKernelCopies) {
  const ChannelShape shape{1 << 20, 1 << 20, 4};
  for (const std::string_view name : {"pipe", "unix", "seqpacket", "tcp", "mq", "zeromq"})
    EXPECT_EQ(SharedBytes(name, shape), 0u) << name;
}

TEST(SharedBytes, OfShmAreTheSizeOfItsMemory) {
  for (const ChannelShape& shape :
       {ChannelShape{0, 0, 1}, ChannelShape{100, 8, 2}, ChannelShape{5 << 20, 1, 7}}) {
    const Connection connection = FindTransport("shm").open(shape);
    struct stat memory {};
    ASSERT_EQ(fstat(connection.worker_fds.at(0).get(), &memory), 0);
    EXPECT_EQ(SharedBytes("shm", shape), static_cast<size_t>(memory.st_size));
  }
}

TEST(SharedBytes, OfShmHoldTheWholeCreditBothWays) {
  const ChannelShape shape{1 << 20, 1 << 19, 4};
  const size_t payloads = 4 * (shape.request_bytes + shape.answer_bytes);
  EXPECT_GE(SharedBytes("shm", shape), payloads);
  EXPECT_LT(SharedBytes("shm", shape), 2 * payloads);
}

}  // namespace
}  // namespace coresweep
