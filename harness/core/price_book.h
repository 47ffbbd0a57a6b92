// What a container service charges for which sizes: one file of reports/prices, read and checked.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace coresweep {

/// least, least + step, … up to most.
struct SizeRange {
  double least = 0;
  double most = 0;
  double step = 0;  ///< > 0
};

enum class GridKind {
  kFree,   ///< vCPUs and memory chosen apart, each from a range
  kTable,  ///< rows: a number of vCPUs and its range of memory
  kRatio,  ///< vCPUs from a range, memory in proportion
  kFixed,  ///< sizes with a name and a price each, as virtual machines
};

struct GridRow {
  double vcpus = 0;
  SizeRange memory;
};

struct FixedSize {
  std::string name;
  double vcpus = 0;
  double memory = 0;
  std::optional<double> price_per_s;  ///< nullopt: not public
};

/// Which sizes can be had. Memory is in the book's unit.
struct SizeGrid {
  GridKind kind = GridKind::kFree;
  SizeRange vcpus;             ///< free, ratio
  SizeRange memory;            ///< free
  double memory_per_vcpu = 0;  ///< ratio
  std::vector<GridRow> rows;   ///< table, by vCPUs
  std::vector<FixedSize> sizes;
};

enum class BillingStart {
  kImagePull,       ///< the pull of the image is billed
  kContainerStart,  ///< it is not
};

/// How time and sizes are rounded, always up.
struct Billing {
  BillingStart starts = BillingStart::kContainerStart;
  double granularity_s = 1;           ///< > 0; billed time is a multiple of it
  double minimum_s = 0;               ///< least that is billed
  std::optional<double> vcpu_step;    ///< billed vCPUs are a multiple of it; nullopt: as asked
  std::optional<double> memory_step;  ///< the same of memory
};

/// Of free, table and ratio grids, in the book's currency.
struct UnitPrice {
  double per_vcpu_s = 0;
  double per_memory_s = 0;  ///< per memory unit and second
};

struct PriceBook {
  std::string name;
  std::string title;
  std::string provider, service, sku, region, architecture;
  std::string currency;     ///< three capitals
  std::string memory_unit;  ///< "GB" (10^9 bytes) or "GiB"
  std::optional<UnitPrice> price;
  std::string why_no_price;  ///< "" with a price
  SizeGrid grid;
  Billing billing;
  std::vector<std::string> notes;
  std::string as_of;  ///< day on which the price was read, YYYY-MM-DD
  std::string source;

  [[nodiscard]] double BytesPerMemoryUnit() const;
  /// Whether any of its sizes has a price.
  [[nodiscard]] bool HasPrice() const;
};

/// Throws `UsageError` "ORIGIN: KEY: what is wrong" for a missing key, a value of another type
/// or out of range, and a major version that this program does not know. Other keys are ignored.
PriceBook ParsePriceBook(const nlohmann::json& json, const std::string& origin);

}  // namespace coresweep
