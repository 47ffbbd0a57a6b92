// Price books.
#include <nlohmann/json.hpp>

#include "harness/core/price_book.h"
#include "reports/json_text.h"
#include "tests/fuzz/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace coresweep;
  ReadsOrRefuses([&] { ParsePriceBook(ParseJsonText(TextOfFuzz(data, size), "fuzz"), "fuzz"); });
  return 0;
}
