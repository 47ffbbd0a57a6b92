#include "reports/html_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "reports/html_page.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/stored_warnings.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

int64_t CountIn(const Json& cell, const char* key) {
  return static_cast<int64_t>(MemberNumber(cell, key).value_or(0));
}

const Json& CellJsonAt(const Json& report, size_t at) {
  return MemberOf(report, "cells").at(at);
}

/// "placement compact, chunk 8, transport shm": what else there is to set.
std::string WordsOfRest(const Json& cell) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kUsual{{{"placement", ""},
                                                                       {"width", "pu"},
                                                                       {"dispatcher", "unpinned"},
                                                                       {"chunk", ""},
                                                                       {"transport", ""},
                                                                       {"dispatch", "dynamic"},
                                                                       {"credit", "auto"},
                                                                       {"wait", "adaptive"}}};
  std::string words;
  for (const auto& [key, usual] : kUsual) {
    const std::string value = MemberText(cell, key);
    if (value.empty() || value == usual) continue;
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", key, value);
  }
  return words;
}

std::string IntervalWords(const PageCell& cell) {
  const PageValue& value = *cell.speedup;
  if (value.confidence) {
    return fmt::format("{} interval {}–{}", Percent(*value.confidence), Ratio(value.low),
                       Ratio(value.high));
  }
  if (cell.repetitions < 2) return "one repetition: no interval";
  return fmt::format("range {}–{} of {}; an interval takes six", Ratio(value.low),
                     Ratio(value.high), Plural(cell.repetitions, "repetition", "repetitions"));
}

std::string Tiles(const PageCell& cell) {
  const PageValue& rate = *cell.throughput_per_s;
  std::string tiles = HtmlTile("Throughput", Quantity(rate.median) + " items/s",
                               fmt::format("{}–{}", Quantity(rate.low), Quantity(rate.high)));
  if (cell.speedup)
    tiles += HtmlTile("Speedup over one process", Ratio(cell.speedup->median) + " ×",
                      IntervalWords(cell));
  if (cell.parallel_efficiency) {
    tiles += HtmlTile("Parallel efficiency", Percent(cell.parallel_efficiency->median),
                      "speedup / workers");
  }
  if (cell.p50_us) {
    tiles += HtmlTile("Latency of a chunk, median", Duration(*cell.p50_us),
                      cell.p99_us ? "99th percentile " + Duration(*cell.p99_us)
                                  : std::string("99th percentile: too few chunks"));
  }
  return "<dl class=tiles>" + tiles + "</dl>";
}

/// A sign that is read, with words: never colour alone.
std::string Verdict(bool good, const std::string& words) {
  return fmt::format("<p class=\"verdict {}\"><span class=sign aria-hidden=true>{}</span> {}</p>",
                     good ? "good" : "bad", good ? "✓" : "✕", Html(words));
}

std::string OrderVerdict(const StoredPage& page) {
  int64_t answers = 0;
  int64_t wrong = 0;
  int64_t wrong_cells = 0;
  for (const PageCell& cell : page.cells) {
    answers += cell.answers;
    wrong += cell.wrong;
    if (cell.verdict == "incorrect" || cell.verdict == "disordered") ++wrong_cells;
  }
  if (answers == 0 && wrong == 0)
    return Verdict(false, "No answer was checked: nothing came to its end.");
  if (wrong == 0 && wrong_cells == 0) {
    return Verdict(true,
                   fmt::format("Order and answers hold: all {} answers came once, in the order "
                               "asked for, and agree with the serial reference.",
                               Quantity(static_cast<double>(answers))));
  }
  return Verdict(false, fmt::format("{} {} missing, doubled, out of order or wrong, in {}: see the "
                                    "failures below.",
                                    Plural(wrong, "answer", "answers"), wrong == 1 ? "is" : "are",
                                    Plural(wrong_cells, "cell", "cells")));
}

std::string KneeLines(const Json& report) {
  std::string lines;
  for (const Json& knee : MemberOf(report, "knees")) {
    const auto rate = MemberNumber(knee, "rate");
    const std::string shape = Html(MemberText(knee, "shape"));
    lines += rate ? fmt::format("<li><code>{}</code> sustains {} requests/s</li>", shape,
                                Quantity(*rate))
                  : fmt::format("<li><code>{}</code> sustains none of its rates</li>", shape);
  }
  return lines.empty() ? "" : "<h3>Under open load</h3><ul>" + lines + "</ul>";
}

std::string CausesOf(const Json& cell, std::string_view which) {
  const Json& causes = MemberOf(cell, "causes");
  if (!causes.is_array() || causes.empty()) return "";
  const auto efficiency = MemberNumber(MemberOf(cell, "parallel_efficiency"), "median");
  std::string list;
  for (const Json& cause : causes) {
    list += fmt::format("<li><h4>{}</h4><p>{}.</p><p class=try><b>Try:</b> {}.</p></li>\n",
                        Html(MemberText(cause, "name")), Html(MemberText(cause, "evidence")),
                        Html(MemberText(cause, "remedy")));
  }
  return fmt::format("<h3>{}: <code>{}</code>{}</h3><ul class=causes>{}</ul>", which,
                     Html(MemberText(cell, "id")),
                     efficiency ? ", parallel efficiency " + Percent(*efficiency) : "", list);
}

}  // namespace

std::string WordsOfShape(const Json& cell) {
  const std::string mode = MemberText(cell, "mode");
  const std::string threads = Plural(CountIn(cell, "threads"), "thread", "threads");
  const int64_t workers = CountIn(cell, "workers");
  if (mode == "serial") return "one process with " + threads;
  if (mode == "threads") {
    return fmt::format("one process with {} × {}",
                       Plural(workers, "copy of the model", "copies of the model"), threads);
  }
  return fmt::format("{} × {}", Plural(workers, "worker", "workers"), threads);
}

std::string HtmlAnswer(const Json& report, const StoredPage& page) {
  std::string text;
  const std::string sentence = MemberText(MemberOf(report, "search"), "sentence");
  if (page.recommended) {
    const Json& cell = CellJsonAt(report, *page.recommended);
    const PageCell& figures = page.cells[*page.recommended];
    text += fmt::format("<p class=lead>Use <b>{}</b></p><p class=rest>{}</p>",
                        Html(WordsOfShape(cell)), Html(WordsOfRest(cell)));
    text += Tiles(figures);
  } else {
    text += "<p class=lead>No cell can be recommended</p>";
  }
  text += OrderVerdict(page);
  if (!sentence.empty()) text += fmt::format("<p>{}</p>", Html(sentence));
  text += fmt::format("<p class=inwords>{}</p>", Html(AnswerOf(page)));
  text += KneeLines(report);
  if (!page.recommended) return text;
  const std::string repro =
      MemberText(MemberOf(report, "repro"), page.cells[*page.recommended].id.c_str());
  if (!repro.empty()) {
    text += fmt::format(
        "<details><summary>Measure this cell again</summary><pre tabindex=0>{}</pre></details>",
        Html(repro));
  }
  return text;
}

std::string HtmlLimits(const Json& report, const StoredPage& page) {
  std::string text;
  const Json& host = MemberOf(report, "host");
  const std::string binding = MemberText(host, "binding_limit");
  if (!binding.empty()) {
    text += fmt::format("<p>{} usable here; the limit: {}.</p>",
                        Plural(CountIn(host, "usable_cpus"), "CPU is", "CPUs are"), Html(binding));
  }
  std::string causes;
  const Json* choice = page.recommended ? &CellJsonAt(report, *page.recommended) : nullptr;
  if (choice != nullptr) causes += CausesOf(*choice, "The recommended cell");
  if (choice != nullptr && causes.empty()) {
    text +=
        "<p>Of the recommended cell the report names no cause: it scales well, or has nothing "
        "to scale.</p>";
  }
  const Json* worst = WorstScalingCell(report, page);
  if (worst != nullptr && worst != choice) causes += CausesOf(*worst, "The cell that scales worst");
  return text + causes;
}

std::string HtmlWarnings(const Json& report, const StoredPage& page) {
  HtmlWarningList warnings;
  for (const StoredWarning& warning : StoredWarnings(report, page))
    warnings.Add(warning.where, warning.text);
  return warnings.Text();
}

}  // namespace coresweep
