#include "harness/core/journal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/base/error.h"
#include "tests/support/full_trial.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

JournalHeader Header() {
  JournalHeader header;
  header.tool_json = R"({"compiler":"GNU 12","version":"0.1.0"})";
  header.requested_json = R"({"workload":"null"})";
  header.effective_json = R"({"name":"sweep"})";
  header.argv = "coresweep run -w null";
  header.created_unix_ms = 1'767'225'600'000;
  header.measured = MeasuredCpus{1.97, 0.5, 2};
  header.machine = "m1";
  header.fingerprint = "f1";
  header.workload = "w1";
  header.items = 64;
  header.items_digest = "i1";
  header.reference_digest = "r1";
  header.cells = {"serial/t1", "processes/w2", "processes/w3", "processes/w4"};
  return header;
}

TrialResult TrialOf(int cell) {
  TrialResult result = example::TrialWithEveryField();
  result.trial = {cell, 0};
  return result;
}

/// A header, two calls, three trials, the end of the second call.
std::string Text() {
  return JournalLine(Header()) + JournalLine(SweepCall{1000, "first", 0, 0}) +
         JournalLine(TrialOf(2), 5) + JournalLine(TrialOf(0), 9) +
         JournalLine(SweepCall{2000, "second", 0, 0}) + JournalLine(TrialOf(1), 4) +
         JournalEndLine(6);
}

std::string ErrorOf(const std::string& text) {
  try {
    (void)ParseJournal(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Journal, IsReadBackWhole) {
  const Journal journal = ParseJournal(Text());
  EXPECT_EQ(JournalLine(journal.header), JournalLine(Header()));
  EXPECT_EQ(journal.trials, (std::vector<TrialResult>{TrialOf(2), TrialOf(0), TrialOf(1)}));
  EXPECT_EQ(journal.calls, (std::vector<SweepCall>{{1000, "first", 0, 9}, {2000, "second", 2, 6}}));
  EXPECT_EQ(journal.whole_bytes, Text().size());
  EXPECT_EQ(journal.torn_bytes, 0u);
}

TEST(Journal, AMeasurementThatWasNotTakenIsNone) {
  JournalHeader header = Header();
  header.measured.reset();
  EXPECT_FALSE(ParseJournal(JournalLine(header)).header.measured);
}

TEST(Journal, EachEntryIsOneLine) {
  const std::string text = Text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 7);
  EXPECT_EQ(text.back(), '\n');
}

/// As kill -9 or a full disk may leave it: cut anywhere, whatever was whole before is kept.
TEST(Journal, ATornLastLineIsDroppedWhereverItWasCut) {
  const std::string text = Text();
  const auto all = ParseJournal(text).trials;
  const size_t first = text.find('\n') + 1;
  for (size_t size = first; size < text.size(); size += size < first + 30 ? 1 : 331) {
    const Journal journal = ParseJournal(text.substr(0, size));
    const size_t whole = text.rfind('\n', size - 1) + 1;
    ASSERT_EQ(journal.whole_bytes, whole);
    ASSERT_EQ(journal.torn_bytes, size - whole);
    ASSERT_LE(journal.trials.size(), all.size());
    ASSERT_TRUE(std::equal(journal.trials.begin(), journal.trials.end(), all.begin()));
  }
}

/// Without its end line a call has lasted to its last finished trial, as far as is known.
TEST(Journal, ATrialWithoutItsLineEndIsTorn) {
  const std::string end = JournalEndLine(6);
  const std::string text = Text().substr(0, Text().size() - end.size());
  EXPECT_EQ(ParseJournal(text).calls.back().total_ns, 4);
  const Journal torn = ParseJournal(text.substr(0, text.size() - 1));
  EXPECT_EQ(torn.trials.size(), 2u);
  EXPECT_EQ(torn.calls.back().total_ns, 0);
}

TEST(Journal, BlocksOfZerosAfterALossOfPowerAreATornLine) {
  const Journal journal = ParseJournal(Text() + std::string(4096, '\0'));
  EXPECT_EQ(journal.trials.size(), 3u);
  EXPECT_EQ(journal.torn_bytes, 4096u);
}

TEST(Journal, WithoutAWholeLineThereIsNothing) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("no whole line"));
  const std::string header = JournalLine(Header());
  EXPECT_THAT(ErrorOf(header.substr(0, header.size() - 1)), HasSubstr("no whole line"));
}

TEST(Journal, AnyOtherDamageIsAnErrorWithItsLine) {
  const std::string header = JournalLine(Header());
  const std::string call = JournalLine(SweepCall{1000, "first", 0, 0});
  const std::string trial = JournalLine(TrialOf(0), 5);
  EXPECT_THAT(ErrorOf(header + call + trial.substr(0, 100) + "\n" + trial),
              StartsWith("line 3: not JSON"));
  EXPECT_THAT(ErrorOf(header + call + trial + "\n" + trial), StartsWith("line 4: not JSON"));
  EXPECT_THAT(ErrorOf(header + trial), StartsWith("line 2: a trial before the call"));
  EXPECT_THAT(ErrorOf(header + JournalEndLine(6)), StartsWith("line 2: an end before the call"));
  EXPECT_THAT(ErrorOf(header + call + "{\"call_end_ns\": null}\n"),
              StartsWith("line 3: call_end_ns is missing or of another type"));
  EXPECT_THAT(ErrorOf(header + call + "{}\n"), StartsWith("line 3: trial is missing"));
  EXPECT_THAT(ErrorOf(header + call + "[]\n"), StartsWith("line 3: trial is missing"));
  EXPECT_THAT(ErrorOf(header + call + JournalLine(TrialOf(4), 5)),
              StartsWith("line 3: there is no cell 4"));
  EXPECT_THAT(ErrorOf(header + call + header), StartsWith("line 3: trial is missing"));
  EXPECT_THAT(ErrorOf(call + trial), StartsWith("line 1: this is no journal"));
  EXPECT_THAT(ErrorOf("{}\n"), StartsWith("line 1: this is no journal"));
  EXPECT_THAT(ErrorOf("hello\n"), StartsWith("line 1: not JSON"));
}

TEST(Journal, RefusesAnotherVersionAndNamesWhatItsHeaderLacks) {
  std::string line = JournalLine(Header());
  const auto replaced = [&line](const std::string& what, const std::string& by) {
    std::string other = line;
    return other.replace(other.rfind(what), what.size(), by);
  };
  EXPECT_THAT(ErrorOf(replaced("\"version\":1,", "\"version\":2,")), HasSubstr("version 2"));
  for (const char* name :
       {"requested", "effective", "argv", "created_unix_ms", "measured_cpus", "machine",
        "fingerprint", "workload", "items", "items_digest", "reference_digest", "cells"}) {
    const std::string quoted = '"' + std::string(name) + "\":";
    EXPECT_THAT(ErrorOf(replaced(quoted, "\"x\":")), HasSubstr(name)) << name;
  }
  EXPECT_THAT(ErrorOf(replaced(R"({"workload":"null"})", "5")),
              StartsWith("line 1: requested is of another type"));
}

TEST(WhyAnother, IsNothingForTheSameAndForWhatIsNotKnownYet) {
  EXPECT_EQ(WhyAnother(Header(), Header()), "");
  EXPECT_EQ(WhyAnother(Header(), JournalHeader{}), "");
}

TEST(WhyAnother, NamesWhatDiffers) {
  const auto why = [](auto change) {
    JournalHeader now = Header();
    change(now);
    return WhyAnother(Header(), now);
  };
  EXPECT_THAT(
      why([](JournalHeader& now) { now.tool_json = R"({"compiler":"GNU 12","version":"0.2.0"})"; }),
      HasSubstr("another build of the program (version differ)"));
  EXPECT_THAT(why([](JournalHeader& now) { now.machine = "m2"; }), HasSubstr("another machine"));
  EXPECT_THAT(why([](JournalHeader& now) { now.fingerprint = "f2"; }),
              HasSubstr("other libraries"));
  EXPECT_THAT(why([](JournalHeader& now) { now.workload = "w2"; }),
              HasSubstr("another workload (digest w2, the journal's w1)"));
  EXPECT_THAT(why([](JournalHeader& now) { now.items = 65; }),
              HasSubstr("other items (65, the journal's 64)"));
  EXPECT_THAT(why([](JournalHeader& now) { now.items_digest = "i2"; }), HasSubstr("other items"));
  EXPECT_THAT(why([](JournalHeader& now) { now.reference_digest = "r2"; }),
              HasSubstr("other serial reference"));
  EXPECT_THAT(
      why([](JournalHeader& now) { now.cells.pop_back(); }),
      HasSubstr("other cells: 3, the journal 4; the first other one is none, processes/w4"));
  EXPECT_THAT(why([](JournalHeader& now) { now.cells[1] = "x"; }),
              HasSubstr("the first other one is x, processes/w2"));
}

/// The order of the keys and what is only told do not count.
TEST(WhyAnother, DoesNotLookAtDatesCommandLinesAndTheSpinTest) {
  JournalHeader now = Header();
  now.tool_json = R"({"version":"0.1.0","compiler":"GNU 12"})";
  now.argv = "coresweep run --resume report.json";
  now.created_unix_ms = 5;
  now.measured.reset();
  now.requested_json = now.effective_json = "{}";
  EXPECT_EQ(WhyAnother(Header(), now), "");
}

}  // namespace
}  // namespace coresweep
