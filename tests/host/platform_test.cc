#include "harness/host/platform.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* kGuest = "flags\t\t: fpu vme hypervisor lahf_lm\n";
constexpr const char* kPhysical = "flags\t\t: fpu vme lahf_lm\n";

std::string VirtualizationOf(const Files& files) {
  const TempFolder root;
  for (const auto& [name, text] : files)
    root.Write(name, text);
  return ReadVirtualization(root.path());
}

std::string ContainerOf(const Files& files, const std::vector<std::string>& environment = {}) {
  const TempFolder root;
  for (const auto& [name, text] : files)
    root.Write(name, text);
  return ReadContainer(root.path(), environment);
}

/// A guest with these words in DMI.
std::string GuestOf(const std::string& vendor, const std::string& product) {
  return VirtualizationOf({{"/proc/cpuinfo", kGuest},
                           {"/sys/class/dmi/id/sys_vendor", vendor + "\n"},
                           {"/sys/class/dmi/id/product_name", product + "\n"}});
}

TEST(Virtualization, IsNamedByDmi) {
  EXPECT_EQ(GuestOf("QEMU", "Standard PC (Q35 + ICH9, 2009)"), "kvm");
  EXPECT_EQ(GuestOf("Red Hat", "KVM"), "kvm");
  EXPECT_EQ(GuestOf("Amazon EC2", "c6i.large"), "amazon");
  EXPECT_EQ(GuestOf("Google", "Google Compute Engine"), "google");
  EXPECT_EQ(GuestOf("Microsoft Corporation", "Virtual Machine"), "microsoft");
  EXPECT_EQ(GuestOf("VMware, Inc.", "VMware Virtual Platform"), "vmware");
  EXPECT_EQ(GuestOf("Unheard of", "Thing"), "hypervisor");
}

TEST(Virtualization, OfPhysicalMachinesIsNoneWhateverTheVendor) {
  EXPECT_EQ(
      VirtualizationOf({{"/proc/cpuinfo", kPhysical}, {"/sys/class/dmi/id/sys_vendor", "QEMU\n"}}),
      "none");
  EXPECT_EQ(VirtualizationOf({{"/proc/cpuinfo", "CPU part\t: 0xd0c\n"},
                              {"/sys/class/dmi/id/sys_vendor", "Amazon EC2\n"},
                              {"/sys/class/dmi/id/product_name", "c7g.metal\n"}}),
            "none");
}

TEST(Virtualization, IsNamedByFilesOfTheHypervisor) {
  EXPECT_EQ(VirtualizationOf({{"/proc/cpuinfo", kGuest}, {"/sys/hypervisor/type", "xen\n"}}),
            "xen");
  EXPECT_EQ(VirtualizationOf({{"/proc/device-tree/hypervisor/compatible", "linux,kvm"}}), "kvm");
  EXPECT_EQ(VirtualizationOf({{"/proc/cpuinfo", kGuest},
                              {"/proc/sys/kernel/osrelease", "5.15.1-microsoft-standard-WSL2\n"}}),
            "wsl");
}

TEST(Virtualization, IsGuessedFromTheClocksLast) {
  const std::string clocks = "/sys/devices/system/clocksource/clocksource0/available_clocksource";
  EXPECT_EQ(VirtualizationOf({{"/proc/cpuinfo", kGuest}, {clocks, "tsc kvm-clock \n"}}), "kvm");
  EXPECT_EQ(VirtualizationOf(
                {{"/proc/cpuinfo", kGuest}, {clocks, "hyperv_clocksource_tsc_page acpi_pm\n"}}),
            "microsoft");
  EXPECT_EQ(VirtualizationOf({{"/proc/cpuinfo", kGuest}, {clocks, "tsc\n"}}), "hypervisor");
}

TEST(Virtualization, IsUnknownWithoutAnyTrace) {
  EXPECT_EQ(VirtualizationOf({}), "");
  EXPECT_EQ(VirtualizationOf({{"/proc/cpuinfo", "CPU part\t: 0xd0c\n"}}), "");
}

TEST(Container, IsNamedByItsEnvironment) {
  EXPECT_EQ(ContainerOf({{"/.dockerenv", ""}}, {"KUBERNETES_SERVICE_HOST=10.0.0.1"}), "kubernetes");
  EXPECT_EQ(ContainerOf({}, {"ECS_CONTAINER_METADATA_URI_V4=http://x"}), "ecs");
  EXPECT_EQ(ContainerOf({}, {"CLOUD_RUN_JOB=bench"}), "cloud-run");
  EXPECT_EQ(ContainerOf({}, {"CONTAINER_APP_NAME=bench"}), "azure-container-apps");
}

TEST(Container, IsNamedByItsFiles) {
  EXPECT_EQ(ContainerOf({{"/.dockerenv", ""}}), "docker");
  EXPECT_EQ(ContainerOf({{"/run/.containerenv", ""}}), "podman");
  EXPECT_EQ(ContainerOf({{"/proc/version", "Linux version 4.19.0-gvisor #1\n"}}), "gvisor");
  EXPECT_EQ(ContainerOf({{"/proc/sys/kernel/hostname", "SandboxHost-638\n"}}), "azure");
}

TEST(Container, IsNamedByTheFirstProcess) {
  const std::string environ = std::string("PATH=/bin") + '\0' + "container=lxc" + '\0';
  EXPECT_EQ(ContainerOf({{"/proc/1/environ", environ}}), "lxc");
  EXPECT_EQ(ContainerOf({{"/proc/1/environ", "container=oci"}}), "");
}

TEST(Container, IsNamedByItsCgroups) {
  EXPECT_EQ(ContainerOf({{"/proc/self/cgroup", "3:cpu:/kubepods/pod1/x\n"}, {"/.dockerenv", ""}}),
            "kubernetes");
  EXPECT_EQ(ContainerOf({{"/proc/self/cgroup", "3:cpu:/docker/abc\n"}}), "docker");
  EXPECT_EQ(ContainerOf({{"/proc/self/cgroup", "0::/system.slice/docker-ab.scope\n"}}), "docker");
  EXPECT_EQ(ContainerOf({{"/proc/self/cgroup", "0::/user.slice/libpod-1.scope\n"}}), "podman");
}

TEST(Container, IsNotSeenOnAPlainMachine) {
  EXPECT_EQ(ContainerOf({{"/proc/self/cgroup", "0::/user.slice/session-1.scope\n"},
                         {"/proc/version", "Linux version 6.1.0-13-amd64 (a@b) #1 SMP\n"},
                         {"/proc/1/environ", "PATH=/bin"}},
                        {"HOME=/root"}),
            "");
}

}  // namespace
}  // namespace coresweep
