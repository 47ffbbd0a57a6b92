// `coresweep completion`: a completion script for bash, made from the declared options.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "harness/core/cell.h"
#include "harness/core/placement.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

/// Also those of the commands of a command, `history list`: they are few, and much the same.
std::vector<std::string> LongOptions(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  }
  for (const CLI::App* inner : app.get_subcommands({})) {
    for (const std::string& name : LongOptions(*inner)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

/// Words that may follow an option, by option.
std::string ValueCases() {
  std::vector<std::string_view> workloads{"mlp", "resnet18", "encoder"};
  for (const WorkloadEntry& entry : WorkloadTable())
    workloads.push_back(entry.name);
  std::vector<std::string_view> placements;
  for (const PolicyRow& policy : PolicyTable())
    placements.push_back(policy.name);
  const auto line = [](std::string_view option, const auto& words) {
    return fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return ;;\n", option,
                       fmt::join(words, " "));
  };
  return line("-w|--workload", workloads) + line("--placement|--policy", placements) +
         line("--width", std::vector<std::string_view>{"pu", "core", "object"}) +
         line("--dispatcher", std::vector<std::string_view>{"unpinned", "own", "beside"}) +
         line("--transport", TransportNames()) + line("--dispatch", DispatchNames()) +
         line("--wait", WaitNames()) + line("--order", OrderNames()) +
         line("--on-worker-death", OnWorkerDeathNames()) +
         line("--worker-start", WorkerStartNames()) +
         line("--place", std::vector<std::string_view>{"same", "neighbour", "unpinned"}) +
         line("--modes", std::vector<std::string_view>{"processes", "threads"}) +
         line("--workers|--threads|--credit", std::vector<std::string_view>{"auto"});
}

/// "history) …;;" of a command that has commands of its own; "" of others.
std::string InnerCase(const CLI::App& command) {
  std::string names;
  for (const CLI::App* inner : command.get_subcommands({}))
    names += " " + inner->get_name();
  if (names.empty()) return "";
  return fmt::format("    {}) COMPREPLY=($(compgen -W '{} --help' -- \"$word\")); return ;;\n",
                     command.get_name(), names.substr(1));
}

std::string BashScript(const CLI::App& program) {
  std::string commands;
  std::string cases;
  std::string inner;
  for (const CLI::App* command : program.get_subcommands({})) {
    commands += command->get_name() + " ";
    cases += fmt::format("    {}) options='{}' ;;\n", command->get_name(),
                         fmt::join(LongOptions(*command), " "));
    inner += InnerCase(*command);
  }
  return fmt::format(
      "# bash completion of coresweep; use: source <(coresweep completion)\n"
      "_coresweep() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} options=''\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '{}--help --version' -- \"$word\")); return\n"
      "  fi\n"
      "  if [ \"$COMP_CWORD\" = 2 ]; then\n"
      "    case \"${{COMP_WORDS[1]}}\" in\n{}    esac\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[COMP_CWORD - 1]}}\" in\n{}  esac\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n{}  esac\n"
      "  case \"$word\" in -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;; esac\n"
      "}}\n"
      "complete -o default -F _coresweep coresweep\n",
      commands, inner, ValueCases(), cases);
}

}  // namespace

void DeclareCompletion(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for bash");
  command->footer("Example:\n  source <(coresweep completion)");
  // The script is made while parsing: later the declarations are gone.
  command->callback([&app, &action] {
    action = [script = BashScript(app)](const ProgramContext&) {
      fmt::print("{}", script);
      return static_cast<int>(kExitOk);
    };
  });
}

}  // namespace coresweep
