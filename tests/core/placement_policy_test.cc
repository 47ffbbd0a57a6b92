#include "harness/core/placement_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/base/error.h"
#include "harness/core/placement.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Complaint(const std::string& text) {
  try {
    return "no complaint: " + CanonicalPolicy(text);
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(PolicyTable, ListsPoliciesThatCanBeParsed) {
  for (const PolicyRow& row : PolicyTable()) {
    EXPECT_FALSE(row.summary.empty()) << row.name;
    if (row.name.find(':') == std::string_view::npos) {
      EXPECT_EQ(CanonicalPolicy(row.name), row.name);
    }
  }
  EXPECT_EQ(PolicyTable().size(), 16U);
}

TEST(CanonicalPolicy, ResolvesAliases) {
  const std::pair<const char*, const char*> aliases[] = {
      {"unpinned", "none"},
      {"off", "none"},
      {"close", "compact"},
      {"packed", "compact"},
      {"spread", "scatter"},
      {"cores", "core"},
      {"no-smt", "nosmt"},
      {"physical", "nosmt"},
      {"hyperthreads", "smt"},
      {"hwthread", "smt"},
      {"llc", "l3"},
      {"ccx", "l3"},
      {"l3cache", "l3"},
      {"ll_caches", "l3"},
      {"node", "numa"},
      {"ldom", "numa"},
      {"ldoms", "numa"},
      {"numa_domains", "numa"},
      {"socket", "package"},
      {"sockets", "package"},
      {"p-core", "pcore"},
      {"big", "pcore"},
      {"performance", "pcore"},
      {"e-core", "ecore"},
      {"little", "ecore"},
      {"efficiency", "ecore"},
      {"naive", "modulo"},
      {"l2cache", "l2"},
  };
  for (const auto& [alias, name] : aliases)
    EXPECT_EQ(CanonicalPolicy(alias), name);
}

TEST(CanonicalPolicy, RefusesWhatIsNoPolicyAndSaysWhatIs) {
  for (const char* text :
       {"Compact", "", "compact,", ", ", "close, packed", "ppr", "diagonal", "list", "core:2"}) {
    EXPECT_THAT(Complaint(text), AllOf(HasSubstr("accepted are none, compact"),
                                       HasSubstr("ppr:N:OBJ"), HasSubstr("list:CPUS")));
  }
  EXPECT_THAT(Complaint("diagonal"), Not(HasSubstr("diagonal")));
}

TEST(CanonicalPolicy, KnowsTheObjectsOfPpr) {
  const std::pair<const char*, const char*> objects[] = {
      {"pu", "pu"},          {"hwthread", "pu"},    {"core", "core"},   {"l2", "l2"},
      {"ccx", "l3"},         {"die", "die"},        {"group", "group"}, {"ldom", "numa"},
      {"socket", "package"}, {"machine", "machine"}};
  for (const auto& [object, name] : objects)
    EXPECT_EQ(CanonicalPolicy(std::string("ppr:02:") + object), std::string("ppr:2:") + name);
  EXPECT_EQ(CanonicalPolicy("ppr:4096:l3"), "ppr:4096:l3");
}

TEST(CanonicalPolicy, RefusesOddPpr) {
  for (const char* text :
       {"ppr:0:l3", "ppr:4097:l3", "ppr:-1:l3", "ppr::l3", "ppr:2x:l3", "ppr:99999999999:l3"})
    EXPECT_THAT(Complaint(text), HasSubstr("N is a number from 1 to 4096")) << text;
  for (const char* text : {"ppr:2", "ppr:2:", "ppr:2:l1", "ppr:2:compact", "ppr:2:smt"})
    EXPECT_THAT(Complaint(text), HasSubstr("OBJ is pu, core")) << text;
}

TEST(UsesWidth, IsFalseOfWhatIsNotBoundByTopology) {
  EXPECT_FALSE(UsesWidth("none"));
  EXPECT_FALSE(UsesWidth("naive"));
  for (const char* policy : {"compact", "nosmt", "l3", "ppr:1:core", "list:0", "mask:1"})
    EXPECT_TRUE(UsesWidth(policy)) << policy;
  EXPECT_THROW(static_cast<void>(UsesWidth("diagonal")), UsageError);
}

}  // namespace
}  // namespace coresweep
