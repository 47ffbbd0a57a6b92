// How the C library's allocator treats freed memory.
#pragma once

namespace coresweep {

/// Makes malloc keep what is freed instead of giving it back to the kernel, in the whole process.
/// With glibc's defaults a model's intermediate tensors are given back and faulted in again at
/// intervals that depend on the number of the chunk: chunk times of the `encoder` then vary by
/// ±10 % in a pattern that differs between modes, and throughput is 6 % lower (bench/RESULTS.md).
/// Without effect on other allocators. Call it before starting threads.
void KeepFreedMemory();

}  // namespace coresweep
