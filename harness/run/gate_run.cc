#include "harness/run/gate_run.h"

#include "harness/base/child_process.h"
#include "harness/base/clock.h"

namespace coresweep {
namespace {

/// Why the block was cut off, or "".
std::string RunBlock(const GateTask& task, const GateSession& session, GateRecord& record) {
  const auto arms = ArmsOf(record.block.order);
  const bool control = record.block.phase == GatePhase::kNullControl;
  for (size_t slot = 0; slot < arms.size(); ++slot) {
    if (task.stop != nullptr && task.stop->Poll() != 0) return "interrupted by a signal";
    if (task.deadline.Passed()) return "the time budget ended";
    if (task.watch.launch_starts)
      task.watch.launch_starts(session, record.block, static_cast<int>(slot));
    Arm& arm = arms.at(slot) == GateArm::kBase || control ? task.base : task.candidate;
    if (record.block.builds)
      arm.Choose(record.block.builds->at(arms.at(slot) == GateArm::kBase ? 0 : 1));
    Launch launch = arm.Run();
    ReapStrays();
    if (launch.outcome == Outcome::kInterrupted) return "interrupted by a signal";
    record.launches.push_back(std::move(launch));
    if (!record.launches.back().EndedWell()) break;
  }
  return "";
}

/// The block with what was read around it; why it was cut off, or "".
std::string RunWatchedBlock(const GateTask& task, const GateSession& session,
                            const MachineEdge& first, GateRecord& record) {
  if (task.machine == nullptr) return RunBlock(task, session, record);
  const SentinelTime sentinel = task.machine->Sentinel();
  const SystemUse since_last = task.machine->SinceLast();
  const MachineEdge before = task.machine->Edge();
  if (std::string why = RunBlock(task, session, record); !why.empty()) return why;
  const MachineEdge after = task.machine->Edge();
  record.machine = BlockMachineOf(before, after);
  record.machine->sentinel = sentinel;
  record.machine->since_last = since_last;
  record.invalid = WhyInvalid(first, before, after);
  return "";
}

}  // namespace

void RunGate(GateLog& log, GateSession& session, const GateTask& task) {
  if (task.machine != nullptr && task.burn_in_s > 0 && !session.Over()) {
    log.burn_in = RunBurnIn(*task.machine, task.burn_in_s, task.stop, task.deadline);
    if (log.burn_in) {
      log.burn_in->bounds = BurnInBoundsFor(log.setup.rule);
      JudgeBurnIn(*log.burn_in, session);
    }
  }
  if (task.watch.burnt_in && !session.Over()) task.watch.burnt_in();
  const MachineEdge first = task.machine != nullptr ? task.machine->Edge() : MachineEdge{};
  while (const auto block = session.Next()) {
    GateRecord record{*block, UnixMs(), {}, ""};
    if (std::string why = RunWatchedBlock(task, session, first, record); !why.empty()) {
      log.stopped = why;
      session.Stop(why);
      break;
    }
    if (record.invalid.empty()) record.invalid = WhyInvalid(record.launches);
    log.records.push_back(std::move(record));
    session.Add(ResultOf(log.records.back(), log.setup));
    if (task.watch.block_ended) task.watch.block_ended(session);
  }
}

}  // namespace coresweep
