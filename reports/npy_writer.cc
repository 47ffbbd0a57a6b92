#include "reports/npy_writer.h"

#include <fmt/format.h>

#include <string_view>

#include "harness/base/atomic_file.h"

namespace coresweep {
namespace {

std::string_view NumpyType(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return "<f4";
    case DType::kFloat64:
      return "<f8";
    case DType::kFloat16:
      return "<f2";
    case DType::kBFloat16:
      return "<u2";
    case DType::kInt64:
      return "<i8";
    case DType::kInt32:
      return "<i4";
    case DType::kInt16:
      return "<i2";
    case DType::kInt8:
      return "|i1";
    case DType::kUInt8:
      return "|u1";
    case DType::kBool:
      return "|b1";
  }
  return "|u1";
}

/// Format version 1.0 (numpy.lib.format): magic, version, length, a Python dict padded to 64 bytes.
std::string Header(const TensorSpec& tensor, size_t count) {
  std::string shape = fmt::format("({},", count);
  for (const int64_t size : tensor.shape)
    shape += fmt::format(" {},", size);
  std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}), }}",
                                 NumpyType(tensor.dtype), shape);
  constexpr size_t kPreamble = 10;
  dict.append(63 - (kPreamble + dict.size()) % 64, ' ');
  dict += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(dict.size() & 0xff);
  header += static_cast<char>(dict.size() >> 8);
  return header + dict;
}

}  // namespace

void WriteNpy(const std::filesystem::path& folder, const std::string& stem,
              const ItemLayout& layout, std::span<const std::byte> items, size_t count) {
  for (size_t t = 0; t < layout.tensors.size(); ++t) {
    const TensorSpec& tensor = layout.tensors[t];
    std::string text = Header(tensor, count);
    for (size_t i = 0; i < count; ++i) {
      const auto part = items.subspan(i * layout.bytes + layout.offsets[t], tensor.Bytes());
      text.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    const std::string number = layout.tensors.size() == 1 ? "" : fmt::format(".{}", t);
    WriteFileAtomically(folder / (stem + number + ".npy"), text);
  }
}

}  // namespace coresweep
