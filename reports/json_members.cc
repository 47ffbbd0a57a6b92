#include "reports/json_members.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

}  // namespace

const Json& MemberOf(const Json& json, const char* key) {
  static const Json null;
  if (!json.is_object()) return null;
  const auto found = json.find(key);
  return found == json.end() ? null : *found;
}

std::string MemberText(const Json& json, const char* key) {
  const Json& member = MemberOf(json, key);
  if (member.is_null()) return "";
  return member.is_string() ? member.get<std::string>() : member.dump();
}

std::optional<double> MemberNumber(const Json& json, const char* key) {
  const Json& member = MemberOf(json, key);
  if (!member.is_number()) return std::nullopt;
  return member.get<double>();
}

int64_t MemberCount(const Json& json, const char* key) {
  const Json& member = MemberOf(json, key);
  return member.is_number_integer() ? member.get<int64_t>() : 0;
}

}  // namespace coresweep
