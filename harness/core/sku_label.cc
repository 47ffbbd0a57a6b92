#include "harness/core/sku_label.h"

#include <algorithm>

namespace coresweep {
namespace {

constexpr size_t kMostLabelBytes = 64;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool IsSkuLabel(std::string_view text) {
  if (text.empty() || text.size() > kMostLabelBytes || !IsLetterOrDigit(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetterOrDigit(c) || std::string_view("._+:@/-").find(c) != std::string_view::npos;
  });
}

}  // namespace coresweep
