// What checking an answer costs: the digest, and the whole check of a chunk of eight.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <vector>

#include "harness/base/digest.h"
#include "harness/core/answer_checker.h"

namespace coresweep {
namespace {

void DigestOfAnswer(benchmark::State& state) {
  const std::vector<std::byte> answer(static_cast<size_t>(state.range(0)), std::byte{7});
  for (auto _ : state)
    benchmark::DoNotOptimize(Digest(answer));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(DigestOfAnswer)->Arg(8)->Arg(64)->Arg(1 << 10)->Arg(4 << 10)->Arg(128 << 10);

void CheckChunkOfEight(benchmark::State& state) {
  constexpr int64_t kItems = 8;
  const ItemLayout layout({{DType::kUInt8, {state.range(0)}}});
  std::vector<std::byte> answers(static_cast<size_t>(kItems) * layout.bytes);
  std::vector<uint64_t> digests;
  for (size_t i = 0; i < static_cast<size_t>(kItems); ++i) {
    const auto answer = std::span(answers).subspan(i * layout.bytes, layout.bytes);
    answer[0] = static_cast<std::byte>(i);
    digests.push_back(Digest(answer));
  }
  AnswerChecker checker({&layout, {}, digests, answers});
  for (auto _ : state)
    checker.Check({0, kItems}, answers, DigestOfChunk(answers, layout));
  state.SetItemsProcessed(state.iterations() * kItems);
}
BENCHMARK(CheckChunkOfEight)->Arg(8)->Arg(64)->Arg(1 << 10)->Arg(4 << 10);

}  // namespace
}  // namespace coresweep
