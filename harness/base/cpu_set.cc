#include "harness/base/cpu_set.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <iterator>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr int kMaxCpu = (1 << 20) - 1;
constexpr int kLargestMaskCpus = 1 << 20;
constexpr size_t kWordBits = 64;

std::optional<int> ParseCpu(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < 0 || value > kMaxCpu) return std::nullopt;
  return value;
}

bool ParseRange(std::string_view part, CpuSet& cpus) {
  const size_t dash = part.find('-');
  const auto first = ParseCpu(part.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : ParseCpu(part.substr(dash + 1));
  if (!first || !last || *last < *first) return false;
  for (int cpu = *first; cpu <= *last; ++cpu)
    cpus.Add(cpu);
  return true;
}

/// A cpu_set_t of `cpus` bits, freed on destruction.
class Mask {
 public:
  explicit Mask(int cpus) : size_(CPU_ALLOC_SIZE(cpus)), set_(CPU_ALLOC(cpus)), cpus_(cpus) {
    if (set_ == nullptr) throw Error("CPU_ALLOC: out of memory");
    CPU_ZERO_S(size_, set_);
  }
  Mask(const Mask&) = delete;
  Mask& operator=(const Mask&) = delete;
  ~Mask() { CPU_FREE(set_); }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] cpu_set_t* get() { return set_; }
  [[nodiscard]] int cpus() const { return cpus_; }

 private:
  size_t size_;
  cpu_set_t* set_;
  int cpus_;
};

}  // namespace

std::optional<CpuSet> CpuSet::Parse(std::string_view list) {
  while (!list.empty() && (list.back() == '\n' || list.back() == ' '))
    list.remove_suffix(1);
  CpuSet result;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    if (!ParseRange(list.substr(0, comma), result)) return std::nullopt;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
    if (list.empty()) return std::nullopt;
  }
  return result;
}

std::string CpuSet::ToList() const {
  const std::vector<int> cpus = ToVector();
  std::string out;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1)
      ++end;
    fmt::format_to(std::back_inserter(out), "{}{}", out.empty() ? "" : ",", cpus[i]);
    if (end - i > 1) fmt::format_to(std::back_inserter(out), "-{}", cpus[end - 1]);
    i = end;
  }
  return out;
}

void CpuSet::Add(int cpu) {
  const auto index = static_cast<size_t>(cpu);
  if (words_.size() <= index / kWordBits) words_.resize(index / kWordBits + 1);
  words_[index / kWordBits] |= uint64_t{1} << index % kWordBits;
}

bool CpuSet::Contains(int cpu) const {
  const auto index = static_cast<size_t>(cpu);  // a negative one becomes too large for any set
  return index / kWordBits < words_.size() &&
         (words_[index / kWordBits] >> index % kWordBits & 1U) != 0;
}

int CpuSet::Count() const {
  int count = 0;
  for (const uint64_t word : words_)
    count += std::popcount(word);
  return count;
}

std::vector<int> CpuSet::ToVector() const {
  std::vector<int> cpus;
  cpus.reserve(static_cast<size_t>(Count()));
  for (size_t i = 0; i < words_.size(); ++i) {
    for (uint64_t word = words_[i]; word != 0; word &= word - 1)
      cpus.push_back(static_cast<int>(i * kWordBits) + std::countr_zero(word));
  }
  return cpus;
}

CpuSet CpuSet::Intersect(const CpuSet& other) const {
  CpuSet result;
  result.words_.resize(std::min(words_.size(), other.words_.size()));
  for (size_t i = 0; i < result.words_.size(); ++i)
    result.words_[i] = words_[i] & other.words_[i];
  while (!result.words_.empty() && result.words_.back() == 0)
    result.words_.pop_back();
  return result;
}

CpuSet CpuSet::Union(const CpuSet& other) const {
  CpuSet result = words_.size() >= other.words_.size() ? *this : other;
  const CpuSet& shorter = words_.size() >= other.words_.size() ? other : *this;
  for (size_t i = 0; i < shorter.words_.size(); ++i)
    result.words_[i] |= shorter.words_[i];
  return result;
}

CpuSet GetAffinity(pid_t tid) {
  for (int cpus = 1024; cpus <= kLargestMaskCpus; cpus *= 2) {
    Mask mask(cpus);
    if (sched_getaffinity(tid, mask.size(), mask.get()) == 0) {
      CpuSet result;
      for (int cpu = 0; cpu < cpus; ++cpu) {
        if (CPU_ISSET_S(static_cast<size_t>(cpu), mask.size(), mask.get())) result.Add(cpu);
      }
      return result;
    }
    if (errno != EINVAL) break;  // EINVAL: the kernel's mask is larger than ours
  }
  ThrowErrno("sched_getaffinity", fmt::format("of thread {}", tid));
}

int SetAffinity(const CpuSet& cpus, pid_t tid) {
  if (cpus.Empty()) return EINVAL;
  const std::vector<int> list = cpus.ToVector();
  Mask mask(std::max(1024, list.back() + 1));
  for (const int cpu : list)
    CPU_SET_S(static_cast<size_t>(cpu), mask.size(), mask.get());
  return sched_setaffinity(tid, mask.size(), mask.get()) == 0 ? 0 : errno;
}

}  // namespace coresweep
