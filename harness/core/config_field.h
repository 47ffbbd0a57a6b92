// One value of a configuration with the place it came from: reads it or says what is wrong with it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace coresweep {

/// Every reader throws `UsageError`: "--workers: expected a whole number from 1 to 4096, found 0".
class Field {
 public:
  using Json = nlohmann::json;

  /// `value` outlives this object; `where` is an option or a key of a file.
  Field(const Json& value, std::string where) : value_(value), where_(std::move(where)) {}

  [[noreturn]] void Fail(const std::string& expected) const;
  [[nodiscard]] std::string Text() const;
  [[nodiscard]] int64_t Int(int64_t least, int64_t most) const;
  [[nodiscard]] uint64_t Unsigned() const;
  [[nodiscard]] double Seconds(double least, double most) const;

  /// The elements of a list, or the value itself as the only one; repeats are dropped.
  template <typename T>
  std::vector<T> List(const std::function<T(const Field&)>& read, const char* expected) const {
    if (!value_.is_array()) return {read(*this)};
    if (value_.empty()) Fail(fmt::format("{}, or a list of at least one", expected));
    std::vector<T> values;
    for (const Json& element : value_) {
      const T value = read(Field(element, where_));
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
    return values;
  }

  [[nodiscard]] const Json& json() const { return value_; }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  const Json& value_;
  std::string where_;
};

}  // namespace coresweep
