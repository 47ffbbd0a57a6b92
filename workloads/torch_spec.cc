#include "workloads/torch_spec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "harness/base/unique_fd.h"

namespace coresweep {
namespace {

constexpr int64_t kMostItemBytes = int64_t{1} << 30;

// A file that torch wrote is a zip archive. `option` names it, `remedy` says how to write one.
void CheckArchive(std::string_view option, const std::string& path, std::string_view kind,
                  const std::string& remedy) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(fmt::format("{} {}: {}", option, path, why));
  };
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) refuse("cannot open: " + DescribeErrno(errno));
  struct stat status {};
  Check(fstat(fd.get(), &status), "fstat", path);
  if (S_ISDIR(status.st_mode)) refuse("is a directory; name the file in it");
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file");
  if (status.st_size == 0) refuse("is empty");
  std::array<char, 4> head{};
  Check(pread(fd.get(), head.data(), head.size(), 0), "read", path);
  if (std::string_view(head.data(), head.size()) != "PK\x03\x04") {
    refuse(fmt::format("not a {} file: it is no zip archive; {}", kind, remedy));
  }
}

void CheckShape(const TensorSpec& spec) {
  int64_t left = kMostItemBytes / static_cast<int64_t>(ElementBytes(spec.dtype));
  for (const int64_t size : spec.shape) {
    if (size < 1) {
      throw UsageError(fmt::format(
          "--input-shape {}: every size must be at least 1 (the shape is that of one item, without "
          "the batch dimension)",
          fmt::join(spec.shape, ",")));
    }
    left /= size;
  }
  if (left < 1) {
    throw UsageError(fmt::format("--input-shape {}: one item of {} would exceed {} MiB",
                                 fmt::join(spec.shape, ","), ToString(spec.dtype),
                                 kMostItemBytes >> 20));
  }
}

// Least value of `dtype` and the one above its greatest, where it is an integer narrower than the
// range that the options allow.
std::pair<int64_t, int64_t> IntegerLimits(DType dtype) {
  const auto limits = []<typename T>(T) {
    return std::pair<int64_t, int64_t>{std::numeric_limits<T>::min(),
                                       int64_t{std::numeric_limits<T>::max()} + 1};
  };
  switch (dtype) {
    case DType::kInt32:
      return limits(int32_t{});
    case DType::kInt16:
      return limits(int16_t{});
    case DType::kInt8:
      return limits(int8_t{});
    case DType::kUInt8:
      return limits(uint8_t{});
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

void CheckIntegerRange(const WorkloadSpec& spec) {
  const int64_t low = WholeOption(kTorchScriptOptions, spec.options, "input_low");
  const int64_t high = WholeOption(kTorchScriptOptions, spec.options, "input_high");
  if (low >= high) {
    throw UsageError(
        fmt::format("--option input_low={} must be below --option input_high={}", low, high));
  }
  for (const TensorSpec& input : spec.input_specs) {
    const auto [least, above] = IntegerLimits(input.dtype);
    if (low < least || high > above) {
      throw UsageError(fmt::format("--option input_low={}, input_high={}: {} holds only {} to {}",
                                   low, high, ToString(input.dtype), least, above - 1));
    }
  }
}

}  // namespace

void CheckTorchSpec(const WorkloadSpec& spec) {
  if (std::ranges::find(kTorchModels, spec.model) != kTorchModels.end()) return;
  const std::string given = spec.model.empty()
                                ? "--workload torch: no model given"
                                : fmt::format("--model {}: unknown model", spec.model);
  throw UsageError(fmt::format("{}; take --model {}, or --workload torchscript for a file", given,
                               fmt::join(kTorchModels, ", ")));
}

void CheckTorchScriptSpec(const WorkloadSpec& spec) {
  if (spec.model.empty()) {
    throw UsageError("--workload torchscript: name the TorchScript file with --model FILE.pt");
  }
  CheckArchive("--model", spec.model, "TorchScript",
               "write it with torch.jit.save(torch.jit.script(model), path)");
  if (spec.inputs.empty() && spec.input_specs.empty()) {
    throw UsageError(
        "--workload torchscript: say what one input is: --input-shape 3,224,224 (with "
        "--input-dtype unless float32) or --inputs FILE written by torch.save");
  }
  for (const TensorSpec& input : spec.input_specs)
    CheckShape(input);
  if (spec.inputs.empty()) return CheckIntegerRange(spec);
  CheckArchive("--inputs", spec.inputs, "tensor",
               "write it with torch.save(tensor, path) (not the legacy format)");
  if (spec.items) {
    throw UsageError(
        fmt::format("--items {}: the number of items is that in --inputs {}; drop "
                    "one of them",
                    *spec.items, spec.inputs));
  }
}

std::string DigestFile(const std::string& path) {
  const UniqueFd fd(Check(open(path.c_str(), O_RDONLY | O_CLOEXEC), "open", path));
  struct stat status {};
  Check(fstat(fd.get(), &status), "fstat", path);
  const auto bytes = static_cast<size_t>(status.st_size);
  if (bytes == 0) return DigestHex(Digest({}));
  void* mapped = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED) ThrowErrno("mmap", path);
  const uint64_t digest = Digest({static_cast<const std::byte*>(mapped), bytes});
  munmap(mapped, bytes);
  return DigestHex(digest);
}

}  // namespace coresweep
