#include "harness/core/config_field.h"

#include "harness/base/error.h"

namespace coresweep {

void Field::Fail(const std::string& expected) const {
  std::string found = value_.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (found.size() > 60) found = found.substr(0, 60) + "…";
  throw UsageError(fmt::format("{}: expected {}, found {}", where_, expected, found));
}

std::string Field::Text() const {
  if (!value_.is_string()) Fail("a text");
  return value_.get<std::string>();
}

int64_t Field::Int(int64_t least, int64_t most) const {
  const std::string expected = fmt::format("a whole number from {} to {}", least, most);
  if (!value_.is_number_integer()) Fail(expected);
  if (value_.is_number_unsigned() && value_.get<uint64_t>() > static_cast<uint64_t>(most)) {
    Fail(expected);
  }
  const auto number = value_.get<int64_t>();
  if (number < least || number > most) Fail(expected);
  return number;
}

uint64_t Field::Unsigned() const {
  const bool negative =
      !value_.is_number_unsigned() && value_.is_number_integer() && value_.get<int64_t>() < 0;
  if (!value_.is_number_integer() || negative) Fail("a whole number, 0 or more");
  return value_.get<uint64_t>();
}

double Field::Seconds(double least, double most) const {
  if (!value_.is_number() || value_.get<double>() < least || value_.get<double>() > most) {
    Fail(fmt::format("a number of seconds from {} to {}", least, most));
  }
  return value_.get<double>();
}

}  // namespace coresweep
