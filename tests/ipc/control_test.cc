#include "harness/ipc/control.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "harness/base/error.h"

namespace coresweep {
namespace {

Deadline Patience() {
  return Deadline::After(30 * kNsPerS);
}

Deadline Now() {
  return Deadline::After(0);
}

TEST(ControlEnd, KeepsMessagesWholeAndInOrder) {
  const auto [parent, child] = ControlEnd::MakePair();
  parent.Send("first");
  parent.Send("second, longer");
  EXPECT_EQ(child.Receive(Patience())->text, "first");
  EXPECT_EQ(child.Receive(Patience())->text, "second, longer");
  child.Send("back");
  EXPECT_EQ(parent.Receive(Patience())->text, "back");
}

TEST(ControlEnd, CarriesTheLargestMessage) {
  const auto [parent, child] = ControlEnd::MakePair();
  std::string text(ControlEnd::kMostBytes, 'x');
  text.back() = 'y';
  parent.Send(text);
  EXPECT_EQ(child.Receive(Patience())->text, text);
}

TEST(ControlEnd, RefusesWhatIsTooLarge) {
  const auto [parent, child] = ControlEnd::MakePair();
  EXPECT_THROW(parent.Send(std::string(ControlEnd::kMostBytes + 1, 'x')), Error);
  EXPECT_THROW(parent.Send("x", std::vector<int>(9, 0)), Error);
  EXPECT_FALSE(child.Receive(Now()));
}

TEST(ControlEnd, ReceivesNothingWhenNothingCame) {
  const auto [parent, child] = ControlEnd::MakePair();
  EXPECT_FALSE(child.Receive(Now()));
  EXPECT_FALSE(child.Receive(Deadline::After(kNsPerMs)));
  parent.Send("x");
  EXPECT_TRUE(child.Receive(Now()));
}

TEST(ControlEnd, PassesDescriptorsThatCloseOnExec) {
  const auto [parent, child] = ControlEnd::MakePair();
  std::array<int, 2> pipe_fds{};
  ASSERT_EQ(pipe(pipe_fds.data()), 0);
  const UniqueFd reading(pipe_fds[0]);
  {
    const UniqueFd writing(pipe_fds[1]);
    parent.Send("take these", {writing.get(), reading.get()});
  }
  const auto message = child.Receive(Patience());
  ASSERT_EQ(message->fds.size(), 2u);
  EXPECT_EQ(message->text, "take these");
  EXPECT_NE(message->fds[1].get(), reading.get());
  for (const UniqueFd& fd : message->fds)
    EXPECT_EQ(fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  ASSERT_EQ(write(message->fds[0].get(), "z", 1), 1);
  char read_back = 0;
  EXPECT_EQ(read(reading.get(), &read_back, 1), 1);
  EXPECT_EQ(read_back, 'z');
}

TEST(ControlEnd, PassesAsManyDescriptorsAsPromised) {
  const auto [parent, child] = ControlEnd::MakePair();
  parent.Send("x", std::vector<int>(8, parent.fd()));
  parent.Send("y");
  EXPECT_EQ(child.Receive(Patience())->fds.size(), 8u);
  EXPECT_TRUE(child.Receive(Patience())->fds.empty());
}

TEST(ControlEnd, SaysThatThePeerHasGone) {
  auto [parent, child] = ControlEnd::MakePair();
  { const ControlEnd gone = std::move(child); }
  EXPECT_THROW((void)parent.Receive(Patience()), Error);
  EXPECT_THROW(parent.Send("x"), Error);  // and no SIGPIPE
}

TEST(ControlEnd, DeliversWhatThePeerSentBeforeItWent) {
  auto [parent, child] = ControlEnd::MakePair();
  child.Send("last words");
  { const ControlEnd gone = std::move(child); }
  EXPECT_EQ(parent.Receive(Patience())->text, "last words");
  EXPECT_THROW((void)parent.Receive(Patience()), Error);
}

TEST(ControlEnd, ClosesOnExec) {
  const auto [parent, child] = ControlEnd::MakePair();
  EXPECT_EQ(fcntl(parent.fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_EQ(fcntl(child.fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

}  // namespace
}  // namespace coresweep
