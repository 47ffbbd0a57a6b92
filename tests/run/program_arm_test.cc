#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>

#include "harness/base/child_process.h"
#include "harness/run/arm.h"
#include "tests/base/temp_folder.h"
#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// Shell lines that write `text` to the file named last.
std::string Writes(const std::string& text) {
  return "for last; do :; done\ncat >\"$last\" <<'END'\n" + text + "\nEND\n";
}

class ProgramArmTest : public testing::Test {
 protected:
  /// An arm that is a shell script of these lines.
  ProgramArm ArmOf(const std::string& lines, double timeout_s = 30, StopSignal* stop = nullptr) {
    folder_.Write("arm.sh", "#!/bin/sh\n" + lines);
    fs::permissions(program(), fs::perms::owner_all);
    return ProgramArm(
        {program(), {"suite.json"}, {"PATH=/usr/bin:/bin", "COLOUR=red"}, file(), timeout_s, stop});
  }
  Launch Run(const std::string& lines, double timeout_s = 30) {
    return ArmOf(lines, timeout_s).Run();
  }
  [[nodiscard]] std::string program() const { return (folder_.path() / "arm.sh").string(); }
  [[nodiscard]] std::string file() const { return (folder_.path() / "out.json").string(); }
  [[nodiscard]] std::string ReadSeen() const {
    std::ifstream stream(folder_.path() / "seen");
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void ExpectNothingLeft() const {
    EXPECT_FALSE(fs::exists(file()));
    // A shell's own children are adopted by us only where we are PID 1 or a subreaper.
    ReapStrays();
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD) << "a child was left";
  }

  TempFolder folder_;
};

TEST_F(ProgramArmTest, GivesTheLaunchThatTheProgramWrites) {
  const Launch launch = example::GoodLaunch(123.5);
  EXPECT_EQ(Run(Writes(ToJson(launch).dump())), launch);
  ExpectNothingLeft();
}

TEST_F(ProgramArmTest, CallsLaunchWithItsArgumentsAndTheFileInThisEnvironmentAlone) {
  Run("printf '%s\\n' \"$@\" \"$COLOUR\" \"$HOME\" >" + (folder_.path() / "seen").string());
  EXPECT_EQ(ReadSeen(), "launch\nsuite.json\n-o\n" + file() + "\nred\n\n");
}

TEST_F(ProgramArmTest, KeepsTheOutcomeThatTheProgramFound) {
  const Launch wrong = example::BadLaunch(Outcome::kIncorrect, "8 answers differ");
  EXPECT_EQ(Run(Writes(ToJson(wrong).dump()) + "exit 5"), wrong);
}

TEST_F(ProgramArmTest, AProgramThatSaysOkAndEndsBadlyFailed) {
  const std::string good = Writes(ToJson(example::GoodLaunch(100)).dump());
  const Launch code = Run(good + "exit 1");
  EXPECT_EQ(code.outcome, Outcome::kFailed);
  EXPECT_THAT(code.message, AllOf(StartsWith(program()), HasSubstr("exited with code 1")));
  const Launch killed = Run(good + "kill -SEGV $$");
  EXPECT_EQ(killed.outcome, Outcome::kFailed);
  EXPECT_THAT(killed.message, HasSubstr("SIGSEGV"));
  ExpectNothingLeft();
}

TEST_F(ProgramArmTest, NoFileIsAFailureThatSaysHowTheProgramEnded) {
  const auto message = [&](const std::string& lines) {
    const Launch launch = Run(lines);
    EXPECT_EQ(launch.outcome, Outcome::kFailed);
    EXPECT_EQ(launch.items, 0);
    return launch.message;
  };
  EXPECT_EQ(message(":"), program() + ": wrote no launch and exited with code 0");
  EXPECT_EQ(message("exit 3"), program() + ": wrote no launch and exited with code 3");
  EXPECT_THAT(message("kill -9 $$"), HasSubstr("wrote no launch and was killed by signal 9"));
  ExpectNothingLeft();
}

TEST_F(ProgramArmTest, GarbageIsAFailureThatSaysWhatIsWrong) {
  const auto message = [&](const std::string& text) {
    const Launch launch = Run(Writes(text));
    EXPECT_EQ(launch.outcome, Outcome::kFailed) << text;
    ExpectNothingLeft();
    return launch.message;
  };
  EXPECT_EQ(message("done in 5 s"), program() + ": its launch is not JSON");
  EXPECT_EQ(message(""), program() + ": its launch is not JSON");
  EXPECT_THAT(message("[1, 2]"), HasSubstr("outcome is missing"));
  EXPECT_THAT(message(R"({"outcome": "ok", "metrics": {}})"), HasSubstr("items is missing"));
  EXPECT_THAT(message(R"({"outcome": "ok", "items": 1, "metrics": {"throughput": "fast"}})"),
              HasSubstr("metrics.throughput"));
  EXPECT_THAT(message(R"({"outcome": "ok", "items": 1, "metrics": {"throughput": 1e999}})"),
              HasSubstr("not JSON"));
}

TEST_F(ProgramArmTest, AFileTooLargeIsAFailure) {
  const Launch launch = Run("for last; do :; done\nhead -c 2000000 /dev/zero >\"$last\"");
  EXPECT_EQ(launch.outcome, Outcome::kFailed);
  ExpectNothingLeft();
}

TEST_F(ProgramArmTest, TheFileOfAnEarlierLaunchIsNotReadAgain) {
  folder_.Write("out.json", ToJson(example::GoodLaunch(100)).dump());
  EXPECT_THAT(Run(":").message, HasSubstr("wrote no launch"));
}

TEST_F(ProgramArmTest, AProgramThatDoesNotEndIsKilledAtTheLimit) {
  const std::string good = Writes(ToJson(example::GoodLaunch(100)).dump());
  const Launch launch = Run(good + "exec sleep 600", 0.2);
  EXPECT_EQ(launch.outcome, Outcome::kTimedOut);
  EXPECT_THAT(launch.message, HasSubstr("--launch-timeout-s"));
  ExpectNothingLeft();
}

TEST_F(ProgramArmTest, ASignalEndsItAtOnceAndIsNoFailure) {
  StopSignal stop;
  ProgramArm arm = ArmOf(Writes("{}") + "kill -TERM $PPID; exec sleep 600", 600, &stop);
  EXPECT_EQ(arm.Run().outcome, Outcome::kInterrupted);
  EXPECT_EQ(stop.Poll(), SIGTERM);
  ExpectNothingLeft();
}

TEST_F(ProgramArmTest, AProgramThatCannotBeRunIsAFailureThatNamesIt) {
  ProgramArm arm = ArmOf(":");
  fs::remove(program());
  const Launch launch = arm.Run();
  EXPECT_EQ(launch.outcome, Outcome::kFailed);
  EXPECT_THAT(launch.message, AllOf(HasSubstr(program()), HasSubstr("No such file")));
}

TEST_F(ProgramArmTest, IsRunAnewEachTime) {
  const std::string count = (folder_.path() / "seen").string();
  ProgramArm arm = ArmOf("echo x >>" + count + "\n" + Writes("{}"));
  for (int i = 0; i < 3; ++i)
    (void)arm.Run();
  EXPECT_EQ(ReadSeen(), "x\nx\nx\n");
}

TEST(BuildsArm, LaunchesTheBuildThatWasChosen) {
  const TempFolder folder;
  std::vector<ProgramArm> builds;
  for (const double items_per_s : {10.0, 20.0, 30.0}) {
    const auto name = fmt::format("build-{}.sh", items_per_s);
    folder.Write(name, "#!/bin/sh\n" + Writes(ToJson(example::GoodLaunch(items_per_s)).dump()));
    fs::permissions(folder.path() / name, fs::perms::owner_all);
    builds.emplace_back(ProgramArm::Call{(folder.path() / name).string(),
                                         {},
                                         {"PATH=/usr/bin:/bin"},
                                         (folder.path() / "out.json").string(),
                                         30,
                                         nullptr});
  }
  BuildsArm arm(std::move(builds));
  EXPECT_EQ(arm.Run().Metric("throughput").value, 10) << "the first, until one is chosen";
  for (const int64_t build : {2, 0, 1}) {
    arm.Choose(build);
    EXPECT_EQ(arm.Run().Metric("throughput").value, 10 * (static_cast<double>(build) + 1));
  }
}

}  // namespace
}  // namespace coresweep
