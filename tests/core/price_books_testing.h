// A price book with round figures.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/core/price_book.h"

namespace coresweep {

/// 1e-5 USD per vCPU-second, 2e-6 per GB-second; 1–8 vCPUs by 0.1, 1–32 GB by 0.5; the pull is
/// billed, whole vCPUs, whole seconds, at least 60.
inline nlohmann::json BookJson() {
  return nlohmann::json::parse(R"({
    "schema": "coresweep.prices", "schema_version": {"major": 1, "minor": 0},
    "name": "example", "title": "An example", "provider": "p", "service": "s", "sku": "k",
    "region": "r", "architecture": "x86_64", "currency": "USD", "memory_unit": "GB",
    "price": {"per_vcpu_s": 1e-5, "per_memory_s": 2e-6}, "why_no_price": null,
    "grid": {"kind": "free", "vcpu": {"least": 1, "most": 8, "step": 0.1},
             "memory": {"least": 1, "most": 32, "step": 0.5}},
    "billing": {"starts": "image_pull", "granularity_s": 1, "minimum_s": 60, "vcpu_step": 1,
                "memory_step": null},
    "notes": ["one"], "as_of": "2026-10-09", "source": "made up"})");
}

inline PriceBook ExampleBook() {
  return ParsePriceBook(BookJson(), "example");
}

}  // namespace coresweep
