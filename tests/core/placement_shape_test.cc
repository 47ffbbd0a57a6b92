#include "harness/core/placement_shape.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(Width, NamesAreReadAsWritten) {
  EXPECT_EQ(ToString(Width::kPu), "pu");
  EXPECT_EQ(ToString(Width::kCore), "core");
  EXPECT_EQ(ToString(Width::kObject), "object");
  for (const Width width : {Width::kPu, Width::kCore, Width::kObject})
    EXPECT_EQ(ParseWidth(ToString(width)), width);
  EXPECT_EQ(ParseWidth("wide"), std::nullopt);
  EXPECT_EQ(ParseWidth(""), std::nullopt);
}

TEST(DispatcherPlace, NamesAreReadAsWritten) {
  EXPECT_EQ(ToString(DispatcherPlace::kUnpinned), "unpinned");
  EXPECT_EQ(ToString(DispatcherPlace::kOwn), "own");
  EXPECT_EQ(ToString(DispatcherPlace::kBeside), "beside");
  for (const DispatcherPlace place :
       {DispatcherPlace::kUnpinned, DispatcherPlace::kOwn, DispatcherPlace::kBeside})
    EXPECT_EQ(ParseDispatcherPlace(ToString(place)), place);
  EXPECT_EQ(ParseDispatcherPlace("Own"), std::nullopt);
}

}  // namespace
}  // namespace coresweep
