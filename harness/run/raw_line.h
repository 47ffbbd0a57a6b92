// The raw connection over shared memory: one word and one payload each way.
#pragma once

#include "harness/run/raw_link.h"

namespace coresweep {

RawConnection OpenRawLine(const RawShape& shape, const std::atomic<bool>* peer_gone);
std::unique_ptr<RawEnd> AttachRawLine(const RawShape& shape, UniqueFd fd,
                                      const std::atomic<bool>* peer_gone);

}  // namespace coresweep
