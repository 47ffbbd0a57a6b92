// What kind of virtual machine and container this is, by the traces they leave.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace coresweep {

/// The hypervisor: "kvm", "microsoft", "amazon", "google", "vmware", "xen", "wsl" …; "hypervisor"
/// where there is one that does not say its name; "none"; "" = unknown (no CPU flag tells).
std::string ReadVirtualization(const std::filesystem::path& root);

/// The container: "kubernetes", "docker", "podman", "lxc", "ecs", "cloud-run", "gvisor" …; "" =
/// none seen. `environment` holds "NAME=value" strings of this process.
std::string ReadContainer(const std::filesystem::path& root,
                          const std::vector<std::string>& environment);

}  // namespace coresweep
