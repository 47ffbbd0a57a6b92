#include "reports/npy_writer.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/base/atomic_file.h"
#include "harness/core/framing.h"

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
/// The array has `count` of `tensor`.
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

void Append(std::string& text, std::span<const std::byte> bytes) {
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void WriteVariable(const std::filesystem::path& folder, const std::string& stem,
                   const ItemLayout& layout, std::span<const std::byte> items, size_t count) {
  const DType dtype = layout.tensors.front().dtype;
  const size_t element = ElementBytes(dtype);
  std::vector<std::span<const std::byte>> views;
  (void)Split(layout, items, static_cast<int64_t>(count), views);
  views.resize(count);  // what is not there is empty
  std::vector<int64_t> offsets{0};
  std::string content;
  for (const auto& view : views) {
    Append(content, view);
    offsets.push_back(static_cast<int64_t>(content.size() / element));
  }
  WriteFileAtomically(folder / (stem + ".npy"),
                      Header({dtype, {}}, content.size() / element) + content);
  std::string numbers = Header({DType::kInt64, {}}, offsets.size());
  Append(numbers, std::as_bytes(std::span(offsets)));
  WriteFileAtomically(folder / (stem + ".offsets.npy"), numbers);
}

}  // namespace

void WriteNpy(const std::filesystem::path& folder, const std::string& stem,
              const ItemLayout& layout, std::span<const std::byte> items, size_t count) {
  if (layout.Varies()) return WriteVariable(folder, stem, layout, items, count);
  for (size_t t = 0; t < layout.tensors.size(); ++t) {
    const TensorSpec& tensor = layout.tensors[t];
    std::string text = Header(tensor, count);
    for (size_t i = 0; i < count; ++i) {
      const auto part = items.subspan(i * layout.bytes + layout.offsets[t], tensor.Bytes());
      Append(text, part);
    }
    const std::string number = layout.tensors.size() == 1 ? "" : fmt::format(".{}", t);
    WriteFileAtomically(folder / (stem + number + ".npy"), text);
  }
}

}  // namespace coresweep
