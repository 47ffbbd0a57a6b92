#include "harness/core/cell.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(Cell, IdNamesTheTransportOfProcessesAlone) {
  EXPECT_EQ((Cell{Mode::kProcesses, 2, 3, "compact", 8, "shm"}).Id(),
            "processes/w2/t3/compact/c8/shm");
  EXPECT_EQ((Cell{Mode::kThreads, 4, 1, "none", 1, "none"}).Id(), "threads/w4/t1/none/c1");
  EXPECT_EQ((Cell{Mode::kSerial, 1, 1, "scatter", 32, "none"}).Id(), "serial/w1/t1/scatter/c32");
}

TEST(Cell, IdNamesAWidthAndAPlaceOfTheDispatcherThatAreNotTheDefault) {
  Cell cell{Mode::kProcesses, 2, 3, "compact", 8, "shm"};
  cell.width = Width::kCore;
  cell.dispatcher = DispatcherPlace::kOwn;
  EXPECT_EQ(cell.Id(), "processes/w2/t3/compact.core/c8/shm/own");
}

TEST(Cell, IdNamesDispatchCreditAndWaitThatAreNotTheDefault) {
  Cell cell{Mode::kProcesses, 2, 3, "compact", 8, "shm"};
  cell.credit = 4;
  EXPECT_EQ(cell.Id(), "processes/w2/t3/compact/c8/shm/credit4");
  cell.dispatch = Dispatch::kGuided;
  cell.wait = Wait::kSpin;
  cell.dispatcher = DispatcherPlace::kOwn;
  EXPECT_EQ(cell.Id(), "processes/w2/t3/compact/c8/shm/guided/credit4/spin/own");
}

TEST(Cell, ControlsHaveItsWidthAndNothingOfADispatcher) {
  Cell cell{Mode::kProcesses, 2, 3, "compact", 8, "shm"};
  cell.width = Width::kObject;
  cell.dispatcher = DispatcherPlace::kBeside;
  cell.dispatch = Dispatch::kStatic;
  cell.credit = 9;
  cell.wait = Wait::kBlock;
  for (const Mode mode : {Mode::kSerial, Mode::kIndependent}) {
    EXPECT_EQ(ControlOf(cell, mode).width, Width::kObject);
    EXPECT_EQ(ControlOf(cell, mode).dispatcher, DispatcherPlace::kUnpinned);
    EXPECT_EQ(ControlOf(cell, mode).dispatch, Dispatch::kDynamic);
    EXPECT_EQ(ControlOf(cell, mode).credit, 0);
    EXPECT_EQ(ControlOf(cell, mode).wait, Wait::kAdaptive);
  }
}

TEST(Cell, SharedMemoryIsWhatBothEndsMap) {
  EXPECT_TRUE(IsSharedMemory("shm"));
  EXPECT_TRUE(IsSharedMemory("shm_loan"));
  for (const char* transport : {"none", "pipe", "unix", "seqpacket", "tcp", "mq", "zeromq"})
    EXPECT_FALSE(IsSharedMemory(transport)) << transport;
}

TEST(Cell, AsksForThreadsOfEveryWorker) {
  EXPECT_EQ((Cell{Mode::kProcesses, 3, 4, "none", 1, "shm"}).Parallelism(), 12);
}

TEST(Cell, ModesAreParsedFromTheirNames) {
  for (const Mode mode : {Mode::kSerial, Mode::kIndependent, Mode::kThreads, Mode::kProcesses}) {
    EXPECT_EQ(ParseMode(ToString(mode)), mode);
  }
  EXPECT_EQ(ParseMode("process"), std::nullopt);
  EXPECT_EQ(ParseMode(""), std::nullopt);
}

TEST(Cell, SerialAndIndependentAreTheControls) {
  EXPECT_TRUE(IsControl(Mode::kSerial));
  EXPECT_TRUE(IsControl(Mode::kIndependent));
  EXPECT_FALSE(IsControl(Mode::kThreads));
  EXPECT_FALSE(IsControl(Mode::kProcesses));
}

TEST(Cell, SerialControlHasOneWorkerAndTheSameThreadsPlacementAndChunk) {
  const Cell cell{Mode::kProcesses, 4, 2, "scatter", 16, "unix"};
  EXPECT_EQ(ControlOf(cell, Mode::kSerial), (Cell{Mode::kSerial, 1, 2, "scatter", 16, "none"}));
}

TEST(Cell, IndependentControlHasTheSameWorkersToo) {
  const Cell cell{Mode::kThreads, 4, 2, "scatter", 16, "none"};
  EXPECT_EQ(ControlOf(cell, Mode::kIndependent),
            (Cell{Mode::kIndependent, 4, 2, "scatter", 16, "none"}));
}

TEST(TrialRole, HasANameThatIsReadBack) {
  for (const TrialRole role : {TrialRole::kCell, TrialRole::kReference, TrialRole::kProbe,
                               TrialRole::kRace, TrialRole::kConfirmation}) {
    EXPECT_EQ(ParseTrialRole(ToString(role)), role);
  }
  EXPECT_EQ(ToString(TrialRole::kReference), "reference");
  EXPECT_EQ(ParseTrialRole("Reference"), std::nullopt);
}

}  // namespace
}  // namespace coresweep
