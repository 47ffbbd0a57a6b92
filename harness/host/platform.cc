#include "harness/host/platform.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "harness/host/proc_text.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

struct Trace {
  std::string_view sign;
  std::string_view name;
};

// Beginnings of DMI's sys_vendor or product_name, none of which a physical machine has but
// "….metal" instances. Clouds before the hypervisors they run on.
constexpr std::array kVendors = {
    Trace{"Amazon EC2", "amazon"},
    Trace{"Google Compute Engine", "google"},
    Trace{"Alibaba Cloud", "alibaba"},
    Trace{"DigitalOcean", "digitalocean"},
    Trace{"Hetzner", "hetzner"},
    Trace{"OpenStack", "openstack"},
    Trace{"Virtual Machine", "microsoft"},
    Trace{"VMware", "vmware"},
    Trace{"innotek GmbH", "virtualbox"},
    Trace{"Parallels", "parallels"},
    Trace{"Apple Virtualization", "apple"},
    Trace{"Xen", "xen"},
    Trace{"QEMU", "kvm"},
    Trace{"KVM", "kvm"},
    Trace{"Red Hat", "kvm"},
};

constexpr std::array kGuestClocks = {
    Trace{"kvm-clock", "kvm"},
    Trace{"hyperv_clocksource", "microsoft"},
    Trace{"xen", "xen"},
};

// Names that container runtimes set in the environment of what they start.
constexpr std::array kContainerVariables = {
    Trace{"KUBERNETES_SERVICE_HOST", "kubernetes"},
    Trace{"ECS_CONTAINER_METADATA_URI_V4", "ecs"},
    Trace{"ECS_CONTAINER_METADATA_URI", "ecs"},
    Trace{"CLOUD_RUN_JOB", "cloud-run"},
    Trace{"K_REVISION", "cloud-run"},
    Trace{"CONTAINER_APP_NAME", "azure-container-apps"},
};

// Words of cgroup paths.
constexpr std::array kCgroupWords = {
    Trace{"kubepods", "kubernetes"},
    Trace{"libpod", "podman"},
    Trace{"ecstasks", "ecs"},
    Trace{"/ecs/", "ecs"},
    Trace{"/docker/", "docker"},
    Trace{"docker-", "docker"},
    Trace{"/lxc", "lxc"},
    Trace{"containerd", "containerd"},
    Trace{"crio-", "cri-o"},
};

template <size_t N>
std::string NameOfFirst(const std::array<Trace, N>& traces, const std::string& text) {
  for (const Trace& trace : traces) {
    if (text.find(trace.sign) != std::string::npos) return std::string(trace.name);
  }
  return "";
}

std::string ByDmi(const fs::path& root) {
  const fs::path dmi = root / "sys/class/dmi/id";
  const std::string vendor = ReadWord(dmi / "sys_vendor");
  const std::string product = ReadWord(dmi / "product_name");
  if (product.ends_with(".metal")) return "none";
  for (const Trace& trace : kVendors) {
    if (vendor.starts_with(trace.sign) || product.starts_with(trace.sign))
      return std::string(trace.name);
  }
  return "";
}

std::string ByHypervisorFiles(const fs::path& root) {
  if (std::string type = ReadWord(root / "sys/hypervisor/type"); !type.empty()) return type;
  const std::string tree = ReadOrEmpty(root / "proc/device-tree/hypervisor/compatible");
  if (tree.find("kvm") != std::string::npos) return "kvm";
  if (tree.find("xen") != std::string::npos) return "xen";
  return "";
}

/// 1 or 0 where x86 tells by a flag whether it is virtual, else -1.
int HypervisorFlag(const fs::path& root) {
  std::istringstream flags(ValueOf(ReadOrEmpty(root / "proc/cpuinfo"), "flags", ':'));
  bool any = false;
  for (std::string flag; flags >> flag; any = true) {
    if (flag == "hypervisor") return 1;
  }
  return any ? 0 : -1;
}

bool IsGvisor(const fs::path& root) {
  const std::string version = ReadOrEmpty(root / "proc/version");
  // What gVisor pretends to be: a kernel of its own name or, in older releases, this build.
  return version.find("gvisor") != std::string::npos ||
         version.find("Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016") == 0;
}

/// `container=` in the environment of the first process, where it may be read.
std::string ByFirstProcess(const fs::path& root) {
  std::string text = ReadOrEmpty(root / "proc/1/environ");
  std::replace(text.begin(), text.end(), '\0', '\n');
  const std::string name = ValueOf(text, "container", '=');
  return name == "oci" ? "" : name;  // says no more than that there is one
}

std::string ByMarkFiles(const fs::path& root) {
  std::error_code error;
  if (fs::exists(root / "run/.containerenv", error)) return "podman";
  if (fs::exists(root / ".dockerenv", error)) return "docker";
  return "";
}

}  // namespace

std::string ReadVirtualization(const fs::path& root) {
  const int flag = HypervisorFlag(root);
  if (flag == 0) return "none";
  if (ReadWord(root / "proc/sys/kernel/osrelease").find("microsoft-standard-WSL") !=
      std::string::npos)
    return "wsl";
  if (std::string name = ByHypervisorFiles(root); !name.empty()) return name;
  if (std::string name = ByDmi(root); !name.empty()) return name;
  if (flag < 0) return "";
  const std::string clocks = NameOfFirst(
      kGuestClocks,
      ReadOrEmpty(root / "sys/devices/system/clocksource/clocksource0/available_clocksource"));
  return clocks.empty() ? "hypervisor" : clocks;
}

std::string ReadContainer(const fs::path& root, const std::vector<std::string>& environment) {
  if (IsGvisor(root)) return "gvisor";
  for (const Trace& trace : kContainerVariables) {
    if (EnvironmentValue(environment, trace.sign)) return std::string(trace.name);
  }
  // Azure's containers run in utility machines whose names begin so.
  if (ReadWord(root / "proc/sys/kernel/hostname").starts_with("SandboxHost-")) return "azure";
  std::string cgroups = NameOfFirst(kCgroupWords, ReadOrEmpty(root / "proc/self/cgroup"));
  if (cgroups == "kubernetes" || cgroups == "ecs") return cgroups;
  if (std::string name = ByMarkFiles(root); !name.empty()) return name;
  if (std::string name = ByFirstProcess(root); !name.empty()) return name;
  return cgroups;
}

}  // namespace coresweep
