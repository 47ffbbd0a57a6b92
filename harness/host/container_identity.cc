#include "harness/host/container_identity.h"

#include <fmt/format.h>

#include <span>
#include <sstream>

#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "harness/core/sku_label.h"
#include "harness/host/proc_text.h"

namespace coresweep {
namespace {

std::string DigestOf(const std::string& text) {
  return DigestHex(Digest(std::as_bytes(std::span(text))));
}

/// Clock ticks from the kernel's boot to the start of process 1, which in a container is the
/// container's own: field 22 of proc(5)'s stat. "" when it cannot be read.
std::string StartOfProcessOne(const std::filesystem::path& root) {
  constexpr int kFieldsAfterName = 20;  // the name, in brackets, may hold blanks
  const std::string stat = ReadWord(root / "proc/1/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < kFieldsAfterName; ++i)
    fields >> field;
  return fields ? field : "";
}

}  // namespace

ContainerIdentity ReadContainerIdentity(const std::filesystem::path& root,
                                        const std::vector<std::string>& environment) {
  ContainerIdentity identity;
  const std::string boot = ReadWord(root / "proc/sys/kernel/random/boot_id");
  if (!boot.empty()) identity.boot = DigestOf(boot);
  const auto given = EnvironmentValue(environment, kInstanceVariable);
  if (given && !given->empty()) {
    if (!IsSkuLabel(*given))
      throw UsageError(fmt::format("{}: expected {}", kInstanceVariable, kSkuLabelWords));
    identity.instance = *given;
    return identity;
  }
  const std::string start = StartOfProcessOne(root);
  const std::string name = ReadWord(root / "proc/sys/kernel/hostname");
  if (!boot.empty() && !start.empty())
    identity.instance = DigestOf(fmt::format("{}\n{}\n{}", boot, start, name));
  return identity;
}

}  // namespace coresweep
