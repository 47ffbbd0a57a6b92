#include "harness/core/price_book.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int kMajorVersion = 1;
constexpr double kMostOfAnything = 1e9;  // no price, size or time is greater

/// One object of a book. Keys that are not asked for are ignored: a later minor may have more.
class Fields {
 public:
  Fields(const Json& json, std::string origin, std::string path)
      : json_(json), origin_(std::move(origin)), path_(std::move(path)) {
    if (!json.is_object()) Fail("", "must be an object");
  }

  [[noreturn]] void Fail(std::string_view key, const std::string& what) const {
    const std::string where = fmt::format("{}{}", path_, key);
    if (where.empty()) throw UsageError(fmt::format("{}: {}", origin_, what));
    throw UsageError(fmt::format("{}: {}: {}", origin_, where, what));
  }

  [[nodiscard]] const Json& Any(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) Fail(key, "is missing");
    return *found;
  }

  std::string Text(const char* key) {
    const Json& value = Any(key);
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
      Fail(key, fmt::format("must be a text, not {}", value.dump()));
    return value.get<std::string>();
  }

  std::string OneOf(const char* key, const std::vector<std::string>& accepted) {
    std::string text = Text(key);
    if (std::find(accepted.begin(), accepted.end(), text) == accepted.end())
      Fail(key, fmt::format("must be one of {}, not {}", fmt::join(accepted, ", "), text));
    return text;
  }

  double NotNegative(const char* key) {
    const Json& value = Any(key);
    if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= kMostOfAnything))
      Fail(key, fmt::format("must be a number from 0 to 1e9, not {}", value.dump()));
    return value.get<double>();
  }

  double Positive(const char* key) {
    const double value = NotNegative(key);
    if (value <= 0) Fail(key, "must be greater than 0");
    return value;
  }

  std::optional<double> PositiveOrNull(const char* key) {
    if (Any(key).is_null()) return std::nullopt;
    return Positive(key);
  }

  std::optional<double> NotNegativeOrNull(const char* key) {
    if (Any(key).is_null()) return std::nullopt;
    return NotNegative(key);
  }

  Fields Part(const char* key) { return {Any(key), origin_, fmt::format("{}{}.", path_, key)}; }

  std::vector<Fields> Parts(const char* key) {
    const Json& list = Any(key);
    if (!list.is_array() || list.empty()) Fail(key, "must be a list of at least one");
    std::vector<Fields> parts;
    for (size_t i = 0; i < list.size(); ++i)
      parts.emplace_back(list[i], origin_, fmt::format("{}{}[{}].", path_, key, i));
    return parts;
  }

 private:
  const Json& json_;
  std::string origin_;
  std::string path_;  // "" or "grid."
};

SizeRange ReadRange(Fields fields) {
  const SizeRange range{fields.Positive("least"), fields.Positive("most"), fields.Positive("step")};
  if (range.most < range.least)
    fields.Fail("most", fmt::format("{} is below least, {}", range.most, range.least));
  return range;
}

std::vector<GridRow> ReadRows(Fields& fields) {
  std::vector<GridRow> rows;
  for (Fields& row : fields.Parts("rows")) {
    rows.push_back({row.Positive("vcpu"), ReadRange(row.Part("memory"))});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const GridRow& a, const GridRow& b) { return a.vcpus < b.vcpus; });
  return rows;
}

std::vector<FixedSize> ReadSizes(Fields& fields) {
  std::vector<FixedSize> sizes;
  for (Fields& size : fields.Parts("sizes")) {
    sizes.push_back({size.Text("name"), size.Positive("vcpu"), size.Positive("memory"),
                     size.NotNegativeOrNull("price_per_s")});
  }
  std::stable_sort(sizes.begin(), sizes.end(), [](const FixedSize& a, const FixedSize& b) {
    return std::pair(a.vcpus, a.memory) < std::pair(b.vcpus, b.memory);
  });
  return sizes;
}

SizeGrid ReadGrid(Fields fields) {
  SizeGrid grid;
  const std::string kind = fields.OneOf("kind", {"free", "table", "ratio", "fixed"});
  if (kind == "free") {
    grid.kind = GridKind::kFree;
    grid.vcpus = ReadRange(fields.Part("vcpu"));
    grid.memory = ReadRange(fields.Part("memory"));
  } else if (kind == "table") {
    grid.kind = GridKind::kTable;
    grid.rows = ReadRows(fields);
  } else if (kind == "ratio") {
    grid.kind = GridKind::kRatio;
    grid.vcpus = ReadRange(fields.Part("vcpu"));
    grid.memory_per_vcpu = fields.Positive("memory_per_vcpu");
  } else {
    grid.kind = GridKind::kFixed;
    grid.sizes = ReadSizes(fields);
  }
  return grid;
}

Billing ReadBilling(Fields fields) {
  Billing billing;
  billing.starts = fields.OneOf("starts", {"image_pull", "container_start"}) == "image_pull"
                       ? BillingStart::kImagePull
                       : BillingStart::kContainerStart;
  billing.granularity_s = fields.Positive("granularity_s");
  billing.minimum_s = fields.NotNegative("minimum_s");
  billing.vcpu_step = fields.PositiveOrNull("vcpu_step");
  billing.memory_step = fields.PositiveOrNull("memory_step");
  return billing;
}

std::optional<UnitPrice> ReadUnitPrice(Fields& book) {
  if (book.Any("price").is_null()) return std::nullopt;
  Fields fields = book.Part("price");
  const UnitPrice price{fields.NotNegative("per_vcpu_s"), fields.NotNegative("per_memory_s")};
  return price;
}

void CheckVersion(Fields& fields) {
  fields.OneOf("schema", {"coresweep.prices"});
  Fields version = fields.Part("schema_version");
  const double major = version.NotNegative("major");
  if (major != kMajorVersion)
    version.Fail("major", fmt::format("{}, this program reads {}", major, kMajorVersion));
  version.NotNegative("minor");
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string ReadDay(Fields& fields, const char* key) {
  std::string day = fields.Text(key);
  bool good = day.size() == 10;
  for (size_t i = 0; good && i < day.size(); ++i)
    good = i == 4 || i == 7 ? day[i] == '-' : IsDigit(day[i]);
  if (!good) fields.Fail(key, fmt::format("must be a day as 2026-10-09, not {}", day));
  return day;
}

std::string ReadCurrency(Fields& fields) {
  std::string currency = fields.Text("currency");
  const bool good =
      currency.size() == 3 &&
      std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!good) {
    fields.Fail("currency",
                fmt::format("must be three capitals of ISO 4217, as USD, not {}", currency));
  }
  return currency;
}

/// Prices stand in one place, and where there is none the book says why.
void CheckPrice(Fields& fields, const PriceBook& book) {
  if (book.grid.kind == GridKind::kFixed && book.price)
    fields.Fail("price", "must be null where sizes are fixed: each has its price_per_s");
  const bool why = !book.why_no_price.empty();
  if (book.HasPrice() && why) fields.Fail("why_no_price", "must be null where there is a price");
  if (!book.HasPrice() && !why) fields.Fail("why_no_price", "must say why there is no price");
}

}  // namespace

double PriceBook::BytesPerMemoryUnit() const {
  return memory_unit == "GiB" ? 1024.0 * 1024 * 1024 : 1e9;
}

bool PriceBook::HasPrice() const {
  return price.has_value() ||
         std::any_of(grid.sizes.begin(), grid.sizes.end(),
                     [](const FixedSize& size) { return size.price_per_s.has_value(); });
}

PriceBook ParsePriceBook(const Json& json, const std::string& origin) {
  Fields fields(json, origin, "");
  CheckVersion(fields);
  PriceBook book;
  book.name = fields.Text("name");
  book.title = fields.Text("title");
  book.provider = fields.Text("provider");
  book.service = fields.Text("service");
  book.sku = fields.Text("sku");
  book.region = fields.Text("region");
  book.architecture = fields.Text("architecture");
  book.currency = ReadCurrency(fields);
  book.memory_unit = fields.OneOf("memory_unit", {"GB", "GiB"});
  book.price = ReadUnitPrice(fields);
  if (!fields.Any("why_no_price").is_null()) book.why_no_price = fields.Text("why_no_price");
  book.grid = ReadGrid(fields.Part("grid"));
  book.billing = ReadBilling(fields.Part("billing"));
  const Json& notes = fields.Any("notes");
  if (!notes.is_array() ||
      !std::all_of(notes.begin(), notes.end(), [](const Json& note) { return note.is_string(); }))
    fields.Fail("notes", "must be a list of texts");
  book.notes = notes.get<std::vector<std::string>>();
  book.as_of = ReadDay(fields, "as_of");
  book.source = fields.Text("source");
  CheckPrice(fields, book);
  return book;
}

}  // namespace coresweep
