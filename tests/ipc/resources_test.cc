// What a connection takes from the system: an error when it is refused, nothing left behind after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <set>

#include "harness/base/sanitizers.h"
#include "tests/ipc/exchange.h"

namespace coresweep {
namespace {

class Resources : public testing::TestWithParam<TransportEntry>, protected Transport {
 protected:
  Resources() : Transport(GetParam().name) {}
  void SetUp() override {
    if (const auto reason = Forbidden()) GTEST_SKIP() << *reason;
  }
};

/// Sets the soft limit for as long as it lives.
class SoftLimit {
 public:
  SoftLimit(__rlimit_resource resource, rlim_t value) : resource_(resource) {
    getrlimit(resource_, &before_);
    const rlimit limit{std::min(value, before_.rlim_max), before_.rlim_max};
    setrlimit(resource_, &limit);
  }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;
  ~SoftLimit() { setrlimit(resource_, &before_); }

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};

std::set<std::string> FilesIn(const std::string& folder) {
  std::set<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    names.insert(entry.path().filename());
  return names;
}

/// What opening the connection threw; nullptr when it was opened. Not looked at here: the
/// undefined-behaviour sanitizer takes descriptors to look at an object.
std::exception_ptr Opening(const TransportEntry& transport, const ChannelShape& shape) {
  try {
    (void)transport.open(shape);
    return nullptr;
  } catch (const Error&) {
    return std::current_exception();
  }
}

std::string TextOf(const std::exception_ptr& error) {
  if (!error) return "";
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    EXPECT_STRNE(known.what(), "");
    return known.what();
  }
}

TEST_P(Resources, TooFewDescriptorsAreAnErrorThatLeavesNoneOpen) {
  // What a sanitizer looks up when it first meets a type takes descriptors too.
  ASSERT_EQ(TextOf(Opening(GetParam(), {64, 64, 2})), "");
  const std::set<std::string> before = FilesIn("/proc/self/fd");
  rlim_t refused = 0;
  for (bool opened = false; !opened && refused < 100;) {
    std::exception_ptr error;
    {
      const SoftLimit limit(RLIMIT_NOFILE, 3 + refused);
      error = Opening(GetParam(), {64, 64, 2});
    }
    opened = error == nullptr;
    if (!opened) {
      EXPECT_THAT(TextOf(error), testing::HasSubstr("EMFILE"));
      ++refused;
    }
    EXPECT_EQ(FilesIn("/proc/self/fd").size(), before.size());
  }
  EXPECT_GE(refused, 2u);
  EXPECT_LT(refused, 100u);
}

TEST_P(Resources, MemoryThatIsRefusedIsAnError) {
  if (kAddressSanitizer || kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer's own memory exceeds any limit";
  }
  constexpr size_t kLarge = 64 * kMib;
  std::exception_ptr error;
  {
    const SoftLimit none(RLIMIT_AS, 0);  // what is there stays
    error = Opening(GetParam(), {kLarge, kLarge, 2});
  }
  EXPECT_THAT(TextOf(error), testing::HasSubstr("memory"));
  EXPECT_EQ(TextOf(Opening(GetParam(), {64, 64, 2})), "");
}

/// Names of ours in `folder` that are neither among `before` nor those of a test that runs beside.
std::set<std::string> LeftIn(const std::string& folder, const std::set<std::string>& before) {
  const Deadline deadline = Deadline::After(kNsPerS);
  std::set<std::string> left;
  do {
    left.clear();
    for (const std::string& name : FilesIn(folder))
      if (name.starts_with("coresweep") && !before.contains(name)) left.insert(name);
  } while (!left.empty() && !deadline.Passed());
  return left;
}

TEST_P(Resources, ManyWorkersKilledLeaveNothingBehind) {
  constexpr size_t kKills = 28;
  const auto descriptors = FilesIn("/proc/self/fd");
  const auto shared = FilesIn("/dev/shm");
  const auto queues = FilesIn("/dev/mqueue");
  for (size_t i = 0; i < kKills; ++i) {
    const WorkerPlan plan = PlanOf(name(), Misdeed::kKill, kSteps[i % kSteps.size()].second);
    Exchange exchange(plan, plan.shape);
    ASSERT_EQ(exchange.Run(1000), Ending::kEnded);
  }
  EXPECT_EQ(FilesIn("/proc/self/fd").size(), descriptors.size());
  EXPECT_THAT(LeftIn("/dev/shm", shared), testing::IsEmpty());
  EXPECT_THAT(LeftIn("/dev/mqueue", queues), testing::IsEmpty());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was not reaped";
  EXPECT_EQ(errno, ECHILD);
}

INSTANTIATE_TEST_SUITE_P(Every, Resources,
                         testing::ValuesIn(TransportTable().begin(), TransportTable().end()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace coresweep
