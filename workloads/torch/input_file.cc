#include "workloads/torch/input_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "harness/base/error.h"
#include "workloads/torch/message.h"
#include "workloads/torch/tensors.h"

namespace coresweep {
namespace {

[[noreturn]] void Refuse(const std::string& path, const std::string& why) {
  throw UsageError(fmt::format("--inputs {}: {}", path, why));
}

std::vector<char> ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<char> bytes(file ? static_cast<size_t>(file.tellg()) : 0);
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    Refuse(path, "cannot read it");
  return bytes;
}

c10::IValue Unpickle(const std::string& path) {
  try {
    return torch::jit::pickle_load(ReadBytes(path));
  } catch (const UsageError&) {
    throw;
  } catch (const std::exception& error) {
    Refuse(path, fmt::format("not a readable tensor file ({}); write it with torch.save(tensor, "
                             "path) or torch.save((first, second), path)",
                             MeaningfulLine(error.what())));
  }
}

std::vector<at::Tensor> TensorsOf(const std::string& path, const c10::IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  std::vector<at::Tensor> tensors;
  const auto add = [&](const auto& elements) {
    for (const c10::IValue& element : elements) {
      if (!element.isTensor())
        Refuse(path, fmt::format("holds a {} among its tensors", element.tagKind()));
      tensors.push_back(element.toTensor());
    }
  };
  if (value.isTuple()) {
    add(value.toTupleRef().elements());
  } else if (value.isList()) {
    add(value.toListRef());
  } else {
    Refuse(path,
           fmt::format("holds a {}, not a tensor or a tuple or list of tensors", value.tagKind()));
  }
  if (tensors.empty()) Refuse(path, "holds no tensor");
  return tensors;
}

}  // namespace

InputFile::InputFile(const std::string& path) {
  std::vector<TensorSpec> specs;
  for (const at::Tensor& tensor : TensorsOf(path, Unpickle(path))) {
    const std::optional<DType> dtype = DTypeOf(tensor);
    if (!dtype) {
      Refuse(path, fmt::format("holds a tensor of type {} that is no dense tensor of float, "
                               "integer or bool",
                               c10::toString(tensor.scalar_type())));
    }
    if (tensor.dim() == 0 || tensor.numel() == 0)
      Refuse(path, "holds a tensor without items: its first dimension must count them");
    if (!tensors_.empty() && tensor.size(0) != items_) {
      Refuse(path, fmt::format("its tensors hold {} and {} items; their first dimensions must be "
                               "equal",
                               items_, tensor.size(0)));
    }
    items_ = tensor.size(0);
    tensors_.push_back(tensor.detach().contiguous());
    specs.push_back({*dtype, tensor.sizes().slice(1).vec()});
  }
  layout_ = ItemLayout(std::move(specs));
}

void InputFile::CopyItem(int64_t index, std::span<std::byte> item) const {
  std::memset(item.data(), 0, item.size());
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const size_t bytes = layout_.tensors[i].Bytes();
    const auto* rows = static_cast<const std::byte*>(tensors_[i].data_ptr());
    std::memcpy(item.data() + layout_.offsets[i], rows + static_cast<size_t>(index) * bytes, bytes);
  }
}

}  // namespace coresweep
