// The table of transports. To add one: a file with an open and an attach function, a row in
// transports.cc, its name in core's TransportNames; the conformance suite then runs on it.
#pragma once

#include <span>

#include "harness/ipc/channel.h"

namespace coresweep {

std::span<const TransportEntry> TransportTable();

/// Throws `Error` for a name that is not in the table.
const TransportEntry& FindTransport(std::string_view name);

/// Shared memory one connection of this transport takes, in bytes; 0 for those that take none.
size_t SharedBytes(std::string_view transport, const ChannelShape& shape);
/// Memory one connection takes at both ends together, shared or not, beside the kernel's buffers.
size_t ConnectionBytes(std::string_view transport, const ChannelShape& shape);

}  // namespace coresweep
