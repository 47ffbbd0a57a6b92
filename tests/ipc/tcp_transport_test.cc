#include "harness/ipc/tcp_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "harness/ipc/stream_transports.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

int Option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_EQ(getsockopt(fd, level, name, &value, &length), 0);
  return value;
}

sockaddr_in Address(int fd, decltype(getpeername)& ask) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  EXPECT_EQ(ask(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  return address;
}

class Tcp : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = ForbiddenHere("tcp")) GTEST_SKIP() << *reason;
  }
};

TEST_F(Tcp, ConnectsItsTwoEndsToEachOtherOverLoopback) {
  const Connection connection = OpenTcp({64, 64, 2});
  const int ours = connection.dispatcher->receive_fd();
  const int theirs = connection.worker_fds.at(0).get();
  const sockaddr_in peer = Address(theirs, getpeername);
  const sockaddr_in self = Address(ours, getsockname);
  EXPECT_EQ(std::memcmp(&peer, &self, sizeof peer), 0);
  EXPECT_EQ(ntohl(peer.sin_addr.s_addr), INADDR_LOOPBACK);
  EXPECT_EQ(Address(ours, getpeername).sin_port, Address(theirs, getsockname).sin_port);
}

TEST_F(Tcp, NeitherEndWaitsToCollectMore) {
  const Connection connection = OpenTcp({64, 64, 2});
  for (const int fd : {connection.dispatcher->send_fd(), connection.worker_fds.at(0).get()})
    EXPECT_NE(Option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST_F(Tcp, NobodyListensOnceItIsConnected) {
  const Connection connection = OpenTcp({64, 64, 2});
  int sockets = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    int listens = 0;
    socklen_t length = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0) continue;
    ++sockets;
    EXPECT_EQ(listens, 0);
  }
  EXPECT_GE(sockets, 3);
}

TEST_F(Tcp, AnswersMayBeLateUntilTheConnectionHasEnded) {
  constexpr int kAnswers = 200;  // more packets than may be on their way at once
  const ChannelShape shape{64, 64, kAnswers};
  Connection connection = OpenTcp(shape);
  DispatcherChannel& dispatcher = *connection.dispatcher;
  auto worker = AttachStream(std::move(connection.worker_fds), shape);
  EXPECT_TRUE(dispatcher.AnswersMayBeLate());
  for (uint64_t i = 0; i < kAnswers; ++i) {
    (void)worker->AnswerSpace(64);
    worker->Send(Header(i, 64));
  }
  worker.reset();
  uint64_t came = 0;
  while (dispatcher.AnswersMayBeLate()) {
    SleepOn(dispatcher);
    while (const auto answer = dispatcher.TryReceive())
      EXPECT_EQ(answer->header.sequence, came++);
  }
  EXPECT_EQ(came, kAnswers);
  EXPECT_FALSE(dispatcher.TryReceive());
  EXPECT_FALSE(dispatcher.AnswersMayBeLate()) << "it has ended for good";
}

TEST_F(Tcp, SaysThatThereIsNoLoopbackInterface) {
  std::string message;
  std::thread elsewhere([&message] {
    if (unshare(CLONE_NEWNET) != 0) {
      message = "not permitted";
      return;
    }
    try {
      (void)OpenTcp({64, 64, 2});
    } catch (const Error& error) {
      message = error.what();
    }
  });
  elsewhere.join();
  if (message == "not permitted") GTEST_SKIP() << "no network namespace may be made here";
  EXPECT_THAT(message, testing::HasSubstr("no loopback interface"));
  EXPECT_THAT(message, testing::HasSubstr("ENETUNREACH"));
}

}  // namespace
}  // namespace coresweep
