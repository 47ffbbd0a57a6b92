#include "harness/core/placement_shape.h"

namespace coresweep {

std::string_view ToString(Width width) {
  switch (width) {
    case Width::kPu:
      return "pu";
    case Width::kCore:
      return "core";
    case Width::kObject:
      return "object";
  }
  return "";
}

std::string_view ToString(DispatcherPlace place) {
  switch (place) {
    case DispatcherPlace::kUnpinned:
      return "unpinned";
    case DispatcherPlace::kOwn:
      return "own";
    case DispatcherPlace::kBeside:
      return "beside";
  }
  return "";
}

std::optional<Width> ParseWidth(std::string_view name) {
  for (const Width width : {Width::kPu, Width::kCore, Width::kObject}) {
    if (name == ToString(width)) return width;
  }
  return std::nullopt;
}

std::optional<DispatcherPlace> ParseDispatcherPlace(std::string_view name) {
  for (const DispatcherPlace place :
       {DispatcherPlace::kUnpinned, DispatcherPlace::kOwn, DispatcherPlace::kBeside}) {
    if (name == ToString(place)) return place;
  }
  return std::nullopt;
}

}  // namespace coresweep
