#include "harness/host/proc_text.h"

#include <gtest/gtest.h>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

TEST(ProcText, TakesTheFirstLineOfAKey) {
  const std::string text = "MemTotal:  12 kB\nmodel name\t: Imaginary 9000\nmodel name\t: Other\n";
  EXPECT_EQ(ValueOf(text, "model name", ':'), "Imaginary 9000");
  EXPECT_EQ(ValueOf("NAME=x\nPRETTY_NAME=\"A b\"\n", "PRETTY_NAME", '='), "A b");
  EXPECT_EQ(ValueOf(text, "model", ':'), "");
  EXPECT_EQ(ValueOf("", "model", ':'), "");
}

TEST(ProcText, CountsMemoryInBytes) {
  EXPECT_EQ(MeminfoBytes("SwapTotal:       0 kB\nMemTotal:  12 kB\n", "MemTotal"), 12'288U);
  EXPECT_EQ(MeminfoBytes("SwapTotal:       0 kB\n", "SwapTotal"), 0U);
  EXPECT_FALSE(MeminfoBytes("SwapTotal:       0 kB\n", "MemTotal"));
  EXPECT_FALSE(MeminfoBytes("MemTotal: much kB\n", "MemTotal"));
}

TEST(ProcText, AFileThatCannotBeReadIsEmpty) {
  const TempFolder folder;
  folder.Write("word", " tsc \n");
  EXPECT_EQ(ReadWord(folder.path() / "word"), "tsc");
  EXPECT_EQ(ReadOrEmpty(folder.path() / "missing"), "");
  EXPECT_EQ(ReadOrEmpty(folder.path()), "");
}

TEST(ProcText, FindsVariablesByTheirWholeName) {
  const std::vector<std::string> environment = {"AB=1", "A=", "=x", "A"};
  EXPECT_EQ(EnvironmentValue(environment, "AB"), "1");
  EXPECT_EQ(EnvironmentValue(environment, "A"), "");
  EXPECT_FALSE(EnvironmentValue(environment, "ABC"));
  EXPECT_FALSE(EnvironmentValue(environment, "B"));
}

}  // namespace
}  // namespace coresweep
