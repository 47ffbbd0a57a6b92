#include "bench/transports_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/ipc/transports.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SurveyRequest Parse(const std::string& arguments) {
  CLI::App app;
  TransportsOptions options;
  options.Declare(app);
  app.parse(arguments);
  return options.Parse();
}

TEST(ParseByteCount, KnowsUnits) {
  EXPECT_EQ(ParseByteCount("0"), 0U);
  EXPECT_EQ(ParseByteCount("64B"), 64U);
  EXPECT_EQ(ParseByteCount("4K"), 4096U);
  EXPECT_EQ(ParseByteCount("4KiB"), 4096U);
  EXPECT_EQ(ParseByteCount("16 MiB"), size_t{16} << 20);
  EXPECT_EQ(ParseByteCount("1G"), size_t{1} << 30);
}

TEST(ParseByteCount, RefusesTheRest) {
  for (const char* text :
       {"", "K", "-1", "1.5K", "4k", "4KB", "2G", "99999999999999999999", "1 K x"})
    EXPECT_THROW((void)ParseByteCount(text), UsageError) << text;
}

TEST(TransportsOptions, EverythingWhereNothingIsGiven) {
  const SurveyRequest request = Parse("");
  EXPECT_EQ(request.transports.size(), TransportTable().size());
  EXPECT_EQ(request.sizes.size(), 7U);
  EXPECT_EQ(request.waits.size(), 3U);
  EXPECT_EQ(request.places.size(), 1U);
  EXPECT_GT(request.seconds, 0);
}

TEST(TransportsOptions, ListsAreReadAndRepeatsDropped) {
  const SurveyRequest request = Parse(
      "--transport shm,pipe,shm --size 64,4K,4096 --wait spin --place same,unpinned --seconds 2");
  EXPECT_THAT(request.transports, ElementsAre("shm", "pipe"));
  EXPECT_THAT(request.sizes, ElementsAre(64, 4096));
  EXPECT_THAT(request.waits, ElementsAre(Wait::kSpin));
  EXPECT_THAT(request.places, ElementsAre(EndsPlace::kSame, EndsPlace::kUnpinned));
  EXPECT_EQ(request.seconds, 2);
}

TEST(TransportsOptions, NamesTheOptionThatIsWrong) {
  const auto message = [](const std::string& arguments) -> std::string {
    try {
      (void)Parse(arguments);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message("--transport pigeon"), HasSubstr("--transport pigeon: expected pipe"));
  EXPECT_THAT(message("--size x"), HasSubstr("--size x"));
  EXPECT_THAT(message("--wait idle"), HasSubstr("--wait idle: expected block"));
  EXPECT_THAT(message("--place near"), HasSubstr("--place near: expected same"));
  EXPECT_THAT(message("--seconds -1"), HasSubstr("--seconds"));
  EXPECT_THAT(message("--seconds nan"), HasSubstr("--seconds"));
}

}  // namespace
}  // namespace coresweep
