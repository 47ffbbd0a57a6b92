#include "workloads/torch/message.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(MeaningfulLine, IsTheErrorAfterTheInterpretersTraceback) {
  EXPECT_EQ(
      MeaningfulLine("The following operation failed in the TorchScript interpreter.\n"
                     "Traceback of TorchScript (most recent call last):\n"
                     "  File \"m.py\", line 3, in forward\n"
                     "    raise ValueError: quoted\n"
                     "    ~~~~~ <--- HERE\n"
                     "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x4 and 3x5)\n"),
      "mat1 and mat2 shapes cannot be multiplied (2x4 and 3x5)");
  EXPECT_EQ(MeaningfulLine("Traceback:\nbuiltins.ValueError: too small"), "too small");
}

TEST(MeaningfulLine, IsElseTheFirstThatSaysSomething) {
  EXPECT_EQ(MeaningfulLine("\n  \nUnknown builtin op: a::b.\nCould not find any similar ops\n"),
            "Unknown builtin op: a::b.");
  EXPECT_EQ(MeaningfulLine("forward() is missing value for argument 'y'. Declaration: ...\n"),
            "forward() is missing value for argument 'y'. Declaration: ...");
  EXPECT_EQ(MeaningfulLine(" \n"), "no message");
}

TEST(MeaningfulLine, TakesOnlyClassNamesForPrefixes) {
  EXPECT_EQ(MeaningfulLine("An Error: in words"), "An Error: in words");
  EXPECT_EQ(MeaningfulLine("AssertionError: "), "AssertionError:");
}

}  // namespace
}  // namespace coresweep
