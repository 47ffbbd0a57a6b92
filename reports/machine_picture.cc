#include "reports/machine_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "reports/picture_marks.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Use = PictureMark::Use;

/// Machines up to this size are drawn in full.
constexpr size_t kNeverFoldedPus = 32;
constexpr size_t kNarrowestPicture = 20;

struct Core {
  std::vector<int> cpus;
  bool little = false;
};

/// Neighbouring cores that share NUMA node and L3 cache.
struct Block {
  int package = -1;
  int numa_node = -1;
  int l3 = -1;
  std::vector<Core> cores;
  std::optional<Use> fold;  ///< what all its PUs are, where that may be said in a word
};

using Blocks = std::vector<Block>;

std::optional<Use> CommonUse(const Block& block, const PictureMarks& marks) {
  const Use use = marks.Of(block.cores.front().cpus.front()).use;
  for (const Core& core : block.cores) {
    for (const int cpu : core.cpus) {
      if (marks.Of(cpu).use != use) return std::nullopt;
    }
  }
  return use;
}

Blocks BlocksOf(const Topology& whole) {
  Blocks blocks;
  const Pu* before = nullptr;
  for (const Pu& pu : whole.pus) {
    const bool same_block = before != nullptr && pu.package == before->package &&
                            pu.numa_node == before->numa_node && pu.l3 == before->l3;
    if (!same_block) blocks.push_back({pu.package, pu.numa_node, pu.l3, {}, {}});
    std::vector<Core>& cores = blocks.back().cores;
    const bool same_core = same_block && pu.core >= 0 && pu.core == before->core;
    if (!same_core) cores.push_back({{}, pu.kind == CoreKind::kEfficiency});
    cores.back().cpus.push_back(pu.os_index);
    before = &pu;
  }
  return blocks;
}

/// "NUMA 2-7 · L3 4-15": of one block or of several that are folded.
std::string NameOf(std::string_view what, const Blocks& blocks, int Block::*index) {
  CpuSet numbers;
  for (const Block& block : blocks) {
    if (block.*index >= 0) numbers.Add(block.*index);
  }
  return numbers.Empty() ? "" : fmt::format("{} {}", what, numbers.ToList());
}

std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string CountCores(const Blocks& blocks) {
  size_t cores = 0;
  for (const Block& block : blocks)
    cores += block.cores.size();
  return Plural(static_cast<int64_t>(cores), "core", "cores");
}

/// Draws block after block into `text_`.
class Drawing {
 public:
  Drawing(const Topology& whole, const PictureMarks& marks, const PictureStyle& style)
      : marks_(marks), style_(style), columns_(std::max(style.width, kNarrowestPicture)) {
    const bool may_fold = whole.pus.size() > kNeverFoldedPus;
    for (Block& block : BlocksOf(whole)) {
      const bool new_package =
          packages_.empty() || packages_.back().front().package != block.package;
      if (new_package) packages_.emplace_back();
      if (may_fold) block.fold = Foldable(block);
      label_width_ = std::max(label_width_, DisplayWidth(LabelOf({block}, false)));
      packages_.back().push_back(std::move(block));
    }
  }

  std::string Draw() {
    for (size_t first = 0; first < packages_.size();) {
      const std::optional<Use> fold = CommonFold(packages_[first]);
      size_t end = first + 1;
      while (fold && end < packages_.size() && CommonFold(packages_[end]) == fold)
        ++end;
      if (fold) {
        DrawFoldedPackages(first, end);
      } else {
        DrawPackage(packages_[first]);
      }
      first = end;
    }
    return std::move(text_);
  }

 private:
  [[nodiscard]] std::optional<Use> Foldable(const Block& block) const {
    std::optional<Use> use = CommonUse(block, marks_);
    // Numbers of CPUs are what a picture without placement is for.
    if (use == Use::kTaken || (use == Use::kFree && marks_.ShowsNumbers())) use.reset();
    return use;
  }

  static std::optional<Use> CommonFold(const Blocks& package) {
    for (const Block& block : package) {
      if (block.fold != package.front().fold) return std::nullopt;
    }
    return package.front().fold;
  }

  [[nodiscard]] static std::string LabelOf(const Blocks& blocks, bool same_node) {
    const std::string node = NameOf("NUMA", blocks, &Block::numa_node);
    const std::string indent(same_node ? DisplayWidth(node) : 0, ' ');
    return Joined({same_node ? indent : node, NameOf("L3", blocks, &Block::l3)}, "  ");
  }

  void DrawFold(const std::string& indent, const std::string& name, const Blocks& blocks) {
    CpuSet cpus;
    for (const Block& block : blocks) {
      for (const Core& core : block.cores)
        cpus = cpus.Union(CpuSet(core.cpus));
    }
    const std::string line = fmt::format(
        "{}{}{}{}: {}, CPUs {}", indent, name, name.empty() ? "" : " · ", CountCores(blocks),
        blocks.front().fold == Use::kForbidden ? "forbidden" : "free", cpus.ToList());
    text_ += Shorten(line, columns_) + "\n";
  }

  void DrawFoldedPackages(size_t first, size_t end) {
    Blocks blocks;
    for (size_t package = first; package < end; ++package)
      blocks.insert(blocks.end(), packages_[package].begin(), packages_[package].end());
    DrawFold("", NameOf(end - first == 1 ? "package" : "packages", blocks, &Block::package),
             blocks);
  }

  void DrawPackage(const Blocks& package) {
    const std::string name = NameOf("package", package, &Block::package);
    if (!name.empty()) text_ += fmt::format("{} · {}\n", name, CountCores(package));
    const std::string indent(name.empty() ? 0 : 2, ' ');
    for (size_t first = 0; first < package.size();) {
      const std::optional<Use> fold = package[first].fold;
      size_t end = first + 1;
      while (fold && end < package.size() && package[end].fold == fold)
        ++end;
      const bool worth_it = fold == Use::kForbidden || end - first > 1;
      if (fold && worth_it) {
        const Blocks run(package.begin() + static_cast<std::ptrdiff_t>(first),
                         package.begin() + static_cast<std::ptrdiff_t>(end));
        DrawFold(indent, LabelOf(run, false), run);
      } else {
        const bool same_node = first > 0 && !package[first - 1].fold &&
                               package[first].numa_node == package[first - 1].numa_node;
        DrawBlock(indent, package[first], same_node);
      }
      first = end;
    }
  }

  /// The label, then brackets; further rows begin below the first bracket.
  void DrawBlock(const std::string& indent, const Block& block, bool same_node) {
    const std::string label = LabelOf({block}, same_node);
    const size_t margin = indent.size() + label_width_ + (label_width_ == 0 ? 0 : 2);
    std::string line = indent + label;
    line.append(margin - DisplayWidth(line), ' ');
    size_t used = margin;
    for (const Core& core : block.cores) {
      const size_t width = core.cpus.size() * (marks_.Width() + 1) + 1 + (core.little ? 1 : 0);
      if (used > margin && used + width > columns_) {
        text_ += TrimmedLine(line);
        line.assign(margin, ' ');
        used = margin;
      }
      line += DrawCore(core) + " ";
      used += width + 1;
    }
    text_ += TrimmedLine(line);
  }

  static std::string TrimmedLine(std::string line) {
    while (!line.empty() && line.back() == ' ')
      line.pop_back();
    return line + "\n";
  }

  [[nodiscard]] std::string DrawCore(const Core& core) const {
    std::vector<std::string> marks;
    marks.reserve(core.cpus.size());
    for (const int cpu : core.cpus) {
      const PictureMark& mark = marks_.Of(cpu);
      const std::string padding(marks_.Width() - DisplayWidth(mark.text), ' ');
      marks.push_back(padding + Painted(mark));
    }
    return "[" + Joined(marks, " ") + "]" + (core.little ? "e" : "");
  }

  [[nodiscard]] std::string Painted(const PictureMark& mark) const {
    if (!style_.color) return mark.text;
    constexpr int kHues = 6;  // SGR 31 to 36
    if (mark.worker >= 0)
      return fmt::format("\x1b[{}m{}\x1b[0m", 31 + mark.worker % kHues, mark.text);
    if (mark.dispatcher) return fmt::format("\x1b[1m{}\x1b[0m", mark.text);
    return mark.use == Use::kForbidden ? fmt::format("\x1b[2m{}\x1b[0m", mark.text) : mark.text;
  }

  const PictureMarks& marks_;
  PictureStyle style_;
  size_t columns_;
  size_t label_width_ = 0;
  std::vector<Blocks> packages_;
  std::string text_;
};

std::string Summary(const Topology& whole, const CpuSet& allowed) {
  const auto pus = static_cast<int64_t>(whole.pus.size());
  const int usable = whole.Cpus().Intersect(allowed).Count();
  return Joined(
      {whole.packages > 0 ? Plural(whole.packages, "package", "packages") : "",
       whole.cores > 0 ? Plural(whole.cores, "core", "cores") : "", Plural(pus, "CPU", "CPUs"),
       usable == pus ? "all allowed" : fmt::format("{} allowed", usable)},
      " · ");
}

/// Entries side by side, broken between them only.
std::string LegendLines(const std::vector<std::string>& entries, size_t columns) {
  std::string text;
  std::string line;
  for (const std::string& entry : entries) {
    if (!line.empty() && DisplayWidth(line) + 3 + DisplayWidth(entry) > columns) {
      text += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " | ") + entry;
  }
  return text + line + "\n";
}

}  // namespace

std::string DrawMachine(const Topology& whole, const CpuSet& allowed, const Placement* placement,
                        const PictureStyle& style) {
  const PictureMarks marks(whole, allowed, placement);
  const size_t columns = std::max(style.width, kNarrowestPicture);
  std::string text = Wrap(Summary(whole, allowed), columns);
  text += Drawing(whole, marks, style).Draw();
  for (const std::string& sentence : marks.Sentences())
    text += Wrap(sentence, columns, 2);
  std::vector<std::string> legend = marks.Legend();
  legend.emplace_back(whole.cores > 0 ? "[ ] a core" : "[ ] a CPU");
  const auto is_little = [](const Pu& pu) { return pu.kind == CoreKind::kEfficiency; };
  if (std::any_of(whole.pus.begin(), whole.pus.end(), is_little))
    legend.emplace_back("e efficiency core");
  return text + LegendLines(legend, columns);
}

}  // namespace coresweep
