#include "harness/core/cell.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace coresweep {
namespace {

constexpr std::array<std::pair<Mode, std::string_view>, 4> kModes{{
    {Mode::kSerial, "serial"},
    {Mode::kIndependent, "independent"},
    {Mode::kThreads, "threads"},
    {Mode::kProcesses, "processes"},
}};

constexpr std::array<std::pair<TrialRole, std::string_view>, 5> kRoles{{
    {TrialRole::kCell, "cell"},
    {TrialRole::kReference, "reference"},
    {TrialRole::kProbe, "probe"},
    {TrialRole::kRace, "race"},
    {TrialRole::kConfirmation, "confirmation"},
}};

template <typename Names>
std::string_view NameIn(const Names& names, const auto& value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "?";
}

template <typename Names>
auto ValueIn(const Names& names, std::string_view name)
    -> std::optional<decltype(names.front().first)> {
  for (const auto& [value, known] : names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

constexpr std::array<std::string_view, 8> kTransports{"pipe", "unix",   "seqpacket", "tcp",
                                                      "mq",   "zeromq", "shm",       "shm_loan"};

}  // namespace

std::string_view ToString(Mode mode) {
  return NameIn(kModes, mode);
}

std::optional<Mode> ParseMode(std::string_view name) {
  return ValueIn(kModes, name);
}

std::string_view ToString(TrialRole role) {
  return NameIn(kRoles, role);
}

std::optional<TrialRole> ParseTrialRole(std::string_view name) {
  return ValueIn(kRoles, name);
}

std::span<const std::string_view> TransportNames() {
  return kTransports;
}

bool IsSharedMemory(std::string_view transport) {
  return transport == "shm" || transport == "shm_loan";
}

std::string Cell::Id() const {
  std::string place = placement;
  if (width != Width::kPu) place += fmt::format(".{}", ToString(width));
  std::string id = fmt::format("{}/w{}/t{}/{}/c{}", ToString(mode), workers, threads, place, chunk);
  if (mode == Mode::kProcesses) id += "/" + transport;
  if (dispatch != Dispatch::kDynamic) id += fmt::format("/{}", ToString(dispatch));
  if (credit != 0) id += fmt::format("/credit{}", credit);
  if (wait != Wait::kAdaptive) id += fmt::format("/{}", ToString(wait));
  if (dispatcher != DispatcherPlace::kUnpinned) id += fmt::format("/{}", ToString(dispatcher));
  if (!load.open) return id;
  if (load.arrivals != Arrivals::kPoisson) id += fmt::format("/{}", ToString(load.arrivals));
  // A share stays the name of its cell once its rate is known.
  return id + "/r" + RateText({load.share > 0 ? 0 : load.rate_per_s, load.share});
}

Cell ControlOf(const Cell& cell, Mode mode) {
  Cell control{mode, cell.workers, cell.threads, cell.placement, cell.chunk, "none", cell.width};
  if (mode == Mode::kSerial) control.workers = 1;
  return control;
}

}  // namespace coresweep
