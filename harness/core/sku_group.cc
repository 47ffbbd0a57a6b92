#include "harness/core/sku_group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// The same sweep with the same figures, whatever its file is called.
bool AreTheSame(const SkuReport& a, const SkuReport& b) {
  const auto same = [](const SkuCell& x, const SkuCell& y) {
    return x.costed.id == y.costed.id && x.costed.throughput.value == y.costed.throughput.value &&
           x.p99_us == y.p99_us;
  };
  return a.created == b.created && a.instance == b.instance && a.sku == b.sku &&
         std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(), same);
}

void CheckDuplicates(const std::vector<SkuReport>& reports) {
  for (size_t i = 0; i < reports.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!AreTheSame(reports[j], reports[i])) continue;
      throw UsageError(fmt::format("{} and {} are the same report: give each once", reports[j].file,
                                   reports[i].file));
    }
  }
}

SkuRow& RowFor(const SkuReport& report, std::vector<SkuRow>& rows) {
  const bool labelled = !report.sku.empty();
  const std::string name = labelled ? report.sku : report.limits.Description();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const SkuRow& row) {
    return row.sku == name && row.labelled == labelled;
  });
  if (found != rows.end()) return *found;
  rows.push_back({name, labelled, {}, std::nullopt, "", std::nullopt});
  return rows.back();
}

std::string NotLabelled(const std::vector<SkuReport>& reports) {
  const auto without = std::count_if(reports.begin(), reports.end(),
                                     [](const SkuReport& report) { return report.sku.empty(); });
  if (without == 0) return "";
  return fmt::format(
      "{} of {} reports have no SKU label and are grouped by the CPUs and memory they describe: "
      "run them with --sku NAME or CORESWEEP_SKU",
      without, reports.size());
}

std::string NoInstance(const std::vector<SkuReport>& reports) {
  const auto without = std::count_if(reports.begin(), reports.end(), [](const SkuReport& report) {
    return report.instance.empty();
  });
  if (without == 0) return "";
  return fmt::format(
      "{} of {} reports do not say which container start they are of (before schema 2.3): each "
      "counts as an instance of its own, which makes intervals too narrow if it is not",
      without, reports.size());
}

std::string NotFinished(const std::vector<SkuReport>& reports) {
  std::vector<std::string> files;
  for (const SkuReport& report : reports)
    if (!report.finished) files.push_back(report.file);
  if (files.empty()) return "";
  return fmt::format("sweeps that did not come to their end: {}", fmt::join(files, ", "));
}

std::string OneMachine(const std::vector<SkuRow>& rows) {
  std::set<std::string> boots;
  size_t instances = 0;
  for (const SkuRow& row : rows) {
    for (const SkuInstance& instance : row.instances) {
      ++instances;
      boots.insert(instance.boot);
    }
  }
  if (instances < 2 || boots.size() != 1 || boots.contains("")) return "";
  return fmt::format(
      "all {} instances ran on one boot of one machine: what machines, processors and neighbours "
      "differ by is not in these figures",
      instances);
}

std::string MixedProcessors(const SkuRow& row) {
  std::set<std::string> models;
  for (const SkuInstance& instance : row.instances)
    models.insert(instance.cpu_model.empty() ? "unknown" : instance.cpu_model);
  if (models.size() < 2) return "";
  return fmt::format("instances of {} had different processors: {}", row.sku,
                     fmt::join(models, ", "));
}

/// Where a spin test got clearly less than the size says.
std::string LessThanNominal(const SkuRow& row) {
  constexpr double kClearly = 0.9;
  size_t less = 0;
  double worst = 0;
  double nominal_of_worst = 1;
  for (const SkuInstance& instance : row.instances) {
    const auto nominal = instance.limits.NominalCpus();
    const auto& measured = instance.limits.measured;
    if (!nominal || !measured || *measured >= *nominal * kClearly) continue;
    ++less;
    if (worst != 0 && *measured / *nominal >= worst / nominal_of_worst) continue;
    worst = *measured;
    nominal_of_worst = *nominal;
  }
  if (less == 0) return "";
  return fmt::format(
      "{}: {} of {} instances really got less CPU time than their size says, at worst {:.2f} of "
      "{:.3g} CPUs",
      row.sku, less, row.instances.size(), worst, nominal_of_worst);
}

}  // namespace

std::vector<SkuDifference> CheckComparable(const std::vector<SkuReport>& reports,
                                           const std::set<std::string>& allowed) {
  if (reports.empty()) throw UsageError("no report: give at least one of `coresweep run`");
  CheckDuplicates(reports);
  std::vector<SkuDifference> differences;
  const SkuReport& first = reports.front();
  for (size_t k = 0; k < first.identity.size(); ++k) {
    const auto& [what, value] = first.identity[k];
    const auto other = std::find_if(
        reports.begin(), reports.end(),
        [&, &is = value](const SkuReport& report) { return report.identity[k].second != is; });
    if (other == reports.end()) continue;
    if (!allowed.contains(what)) {
      throw UsageError(fmt::format(
          "{} and {} differ in {}: {} and {}; compare like with like, or say --allow-different {}",
          first.file, other->file, what, value, other->identity[k].second, what));
    }
    differences.push_back({what, first.file, value, other->file, other->identity[k].second});
  }
  return differences;
}

std::vector<SkuRow> GroupBySku(const std::vector<SkuReport>& reports) {
  std::vector<SkuRow> rows;
  for (size_t i = 0; i < reports.size(); ++i) {
    const SkuReport& report = reports[i];
    SkuRow& row = RowFor(report, rows);
    const std::string name = report.instance.empty() ? report.file : report.instance;
    const auto found =
        std::find_if(row.instances.begin(), row.instances.end(),
                     [&](const SkuInstance& instance) { return instance.name == name; });
    if (found != row.instances.end()) {
      found->reports.push_back(i);
      continue;
    }
    row.instances.push_back({name, {i}, report.cpu_model, report.boot, report.limits});
  }
  return rows;
}

std::vector<std::string> NotesOn(const std::vector<SkuReport>& reports,
                                 const std::vector<SkuRow>& rows) {
  std::vector<std::string> notes{NotLabelled(reports), NoInstance(reports), NotFinished(reports),
                                 OneMachine(rows)};
  for (const SkuRow& row : rows) {
    notes.push_back(MixedProcessors(row));
    notes.push_back(LessThanNominal(row));
  }
  std::erase(notes, "");
  return notes;
}

}  // namespace coresweep
