#include "bench/libraries_command.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/core/measurement_json.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

constexpr int kPatienceMs = 60'000;

std::string ReadToEnd(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

int PrintLibraries() {
  const auto facts = ReadTorchRuntime();
  fmt::print("{}\n", facts ? ToJson(*facts).dump() : "null");
  return 0;
}

std::optional<RuntimeFacts> ReadLibraries(const ProgramContext& program) {
  std::array<int, 2> fds{};
  Check(pipe2(fds.data(), O_CLOEXEC), "pipe2");
  const UniqueFd reading(fds[0]);
  UniqueFd writing(fds[1]);
  SpawnOptions options{
      "/proc/self/exe", {"coresweep", "libraries"}, program.environment, {{writing.get(), 1}}};
  ChildProcess child = ChildProcess::Spawn(options);
  writing.Reset();
  const std::string text = ReadToEnd(reading.get());
  const auto exit = child.WaitFor(kPatienceMs);
  if (!exit || !exit->Clean()) {
    throw Error(fmt::format("looking at libtorch failed: the child {}",
                            exit ? exit->Describe() : "did not end"));
  }
  const auto json = nlohmann::json::parse(text);
  if (json.is_null()) return std::nullopt;
  return RuntimeFactsFromJson(json);
}

}  // namespace coresweep
