// What a workload is to the harness: items in, answers out. The harness knows nothing of models.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/answer_writer.h"
#include "harness/core/tensor_spec.h"

namespace coresweep {

/// Which workload with which options; the same in every process of a sweep.
struct WorkloadSpec {
  std::string name;                     ///< an entry of the workload table: "torch", "spin"
  std::string model;                    ///< model name or file; "" when the workload has none
  std::string inputs;                   ///< tensor file with the items; "" = made from `seed`
  std::vector<TensorSpec> input_specs;  ///< of one item, where the workload asks for them
  std::map<std::string, std::string> options;  ///< workload options by name
  std::optional<int64_t> items;                ///< nullopt: the workload's default
  int64_t least_items = 1;  ///< largest chunk of the sweep: made items are at least so many
  uint64_t seed = 1;
};

/// What a workload turned out to be once loaded.
struct WorkloadInfo {
  ItemLayout item;
  ItemLayout answer;
  int64_t items = 0;    ///< number of different items
  Tolerance tolerance;  ///< what an answer may differ from the serial reference
  std::string digest;   ///< of the model (file or weights) and options, hexadecimal
  std::map<std::string, std::string> facts;  ///< for the report, e.g. {"parameters","11689512"}
};

/// What the runtime below the workload really uses, read back; nullopt/"" where it has none.
struct RuntimeFacts {
  std::optional<int> intra_op_threads;
  std::optional<int> inter_op_threads;
  std::optional<int> blas_threads;
  std::string library;         ///< "libtorch 1.13.1"
  std::string blas_library;    ///< file that sgemm_ was bound to, links resolved
  std::string blas_kind;       ///< "openblas", "mkl", "blis", "atlas", "reference", "unknown"
  std::string openmp_library;  ///< file of the OpenMP runtime
  bool operator==(const RuntimeFacts&) const = default;
};

/// One instance of a workload. Used by one thread at a time; several instances may live in one
/// process. Made by a factory, which loads the model (untimed) and throws `UsageError` on bad
/// input.
class Workload {
 public:
  virtual ~Workload() = default;

  [[nodiscard]] virtual WorkloadInfo Info() const = 0;

  /// Size of item `index` in bytes, as `Info().item` allows it. Asked where items vary in size.
  [[nodiscard]] virtual size_t ItemBytes(int64_t /*index*/) const { return Info().item.bytes; }

  /// Fills the `Info().item.bytes` bytes of item `index` (0 <= index < Info().items), or its
  /// `ItemBytes` where items vary in size. Depends on the spec alone: every process makes the same
  /// bytes.
  virtual void MakeItem(int64_t index, std::span<std::byte> item) const = 0;

  /// Computes `count` answers from `count` items, both packed one after the other. `items` may be
  /// scribbled on. Throws `Error` with the model's message when the model refuses the input. Only
  /// where items and answers are of fixed size.
  virtual void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) = 0;

  /// The same where items or answers vary in size: writes an answer to each of `items`, in their
  /// order. A workload that declares such sizes has to override it.
  virtual void RunEach(std::span<const std::span<std::byte>> items, AnswerWriter& answers);

  /// Runs of one chunk size after which an instance is warm. A runtime that profiles and compiles
  /// needs several for each shape.
  [[nodiscard]] virtual int WarmRuns() const { return 1; }

  /// Calls `visit(i)` once in each thread that computes, i from 0 on, by the thread that runs the
  /// workload and before its first `Run` or between two: to bind these threads and to read them
  /// back. Default: the calling thread alone computes.
  virtual void OnEachThread(const std::function<void(int)>& visit) { visit(0); }

  /// Read back by the thread that runs the workload. Default: nothing to tell.
  [[nodiscard]] virtual RuntimeFacts Runtime() const { return {}; }
};

/// What a process grants the workload it loads.
struct WorkloadContext {
  int threads = 1;  ///< intra-op threads of this instance
  /// Layout of an answer where another process has found it out, which spares a trial run; else
  /// nullptr. Not owned; used while the workload is made.
  const ItemLayout* answer = nullptr;
};

/// Makes one instance in the calling thread, which must be the one that will run it.
using WorkloadFactory =
    std::function<std::unique_ptr<Workload>(const WorkloadSpec&, const WorkloadContext&)>;

}  // namespace coresweep
