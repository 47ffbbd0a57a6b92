// Which start of which container this process runs in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// The variable that names a container start where the system's own signs do not tell starts apart.
constexpr const char* kInstanceVariable = "CORESWEEP_INSTANCE";

/// Of the system whose files are below `root`. `environment` holds "NAME=value" strings. Host name
/// and boot id go into digests: a report does not show them. Throws `UsageError` when
/// CORESWEEP_INSTANCE is no label.
ContainerIdentity ReadContainerIdentity(const std::filesystem::path& root,
                                        const std::vector<std::string>& environment);

}  // namespace coresweep
