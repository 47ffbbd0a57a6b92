#include "workloads/torch/models.h"

#include <torch/nn.h>
#include <torch/utils.h>

#include <cmath>
#include <mutex>
#include <span>
#include <vector>

#include "harness/base/digest.h"

namespace coresweep {
namespace {

namespace nn = torch::nn;

struct MlpImpl : nn::Module {
  static ModelShape Shape() {
    return {{DType::kFloat32, {784}}, {DType::kFloat32, {10}}, {}, 1024};
  }

  MlpImpl() {
    layers = register_module(
        "layers", nn::Sequential(nn::Linear(784, 512), nn::ReLU(), nn::Linear(512, 512), nn::ReLU(),
                                 nn::Linear(512, 10)));
  }
  at::Tensor forward(const at::Tensor& batch) { return layers->forward(batch); }

  nn::Sequential layers{nullptr};
};

nn::Conv2d Conv(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  nn::Conv2d conv(
      nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
  nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
  return conv;
}

// Two 3×3 convolutions with a shortcut (He, Zhang, Ren and Sun, "Deep residual learning for image
// recognition", 2016, figure 2).
struct ResidualBlockImpl : nn::Module {
  ResidualBlockImpl(int64_t in, int64_t out, int64_t stride) {
    conv1 = register_module("conv1", Conv(in, out, 3, stride));
    norm1 = register_module("norm1", nn::BatchNorm2d(out));
    conv2 = register_module("conv2", Conv(out, out, 3, 1));
    norm2 = register_module("norm2", nn::BatchNorm2d(out));
    if (stride == 1 && in == out) return;
    shortcut =
        register_module("shortcut", nn::Sequential(Conv(in, out, 1, stride), nn::BatchNorm2d(out)));
  }
  at::Tensor forward(const at::Tensor& x) {
    at::Tensor y = torch::relu(norm1(conv1(x)));
    y = norm2(conv2(y));
    return torch::relu_(y += shortcut.is_empty() ? x : shortcut->forward(x));
  }

  nn::Conv2d conv1{nullptr}, conv2{nullptr};
  nn::BatchNorm2d norm1{nullptr}, norm2{nullptr};
  nn::Sequential shortcut{nullptr};
};
TORCH_MODULE(ResidualBlock);

struct ResNet18Impl : nn::Module {
  static ModelShape Shape() {
    return {{DType::kFloat32, {3, 224, 224}}, {DType::kFloat32, {1000}}, {}, 32};
  }

  ResNet18Impl() {
    conv = register_module("conv", Conv(3, 64, 7, 2));
    norm = register_module("norm", nn::BatchNorm2d(64));
    blocks = register_module("blocks", nn::Sequential());
    int64_t width = 64;
    for (const int64_t out : {64, 128, 256, 512}) {
      blocks->push_back(ResidualBlock(width, out, out == 64 ? 1 : 2));
      blocks->push_back(ResidualBlock(out, out, 1));
      width = out;
    }
    classes = register_module("classes", nn::Linear(512, 1000));
  }
  at::Tensor forward(const at::Tensor& images) {
    at::Tensor x = torch::relu(norm(conv(images)));
    x = torch::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
    x = blocks->forward(x);
    return classes(torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
  }

  nn::Conv2d conv{nullptr};
  nn::BatchNorm2d norm{nullptr};
  nn::Sequential blocks{nullptr};
  nn::Linear classes{nullptr};
};

constexpr int64_t kWidth = 256;
constexpr int64_t kHeads = 4;
constexpr int64_t kTokens = 128;
constexpr int64_t kVocabulary = 30522;

// Self-attention and feed-forward, each normalised first and added to its input.
struct EncoderLayerImpl : nn::Module {
  EncoderLayerImpl() {
    norm1 = register_module("norm1", nn::LayerNorm(nn::LayerNormOptions({kWidth})));
    queries_keys_values = register_module("queries_keys_values", nn::Linear(kWidth, 3 * kWidth));
    mix = register_module("mix", nn::Linear(kWidth, kWidth));
    norm2 = register_module("norm2", nn::LayerNorm(nn::LayerNormOptions({kWidth})));
    widen = register_module("widen", nn::Linear(kWidth, 4 * kWidth));
    narrow = register_module("narrow", nn::Linear(4 * kWidth, kWidth));
  }
  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor attended = x + Attend(norm1(x));
    return attended + narrow(torch::gelu(widen(norm2(attended))));
  }
  at::Tensor Attend(const at::Tensor& x) {
    const int64_t batch = x.size(0);
    const int64_t tokens = x.size(1);
    // [batch, tokens, 3 · width] to three of [batch, heads, tokens, width / heads].
    const std::vector<at::Tensor> parts = queries_keys_values(x)
                                              .view({batch, tokens, 3, kHeads, kWidth / kHeads})
                                              .permute({2, 0, 3, 1, 4})
                                              .unbind(0);
    const double scale = 1 / std::sqrt(static_cast<double>(kWidth / kHeads));
    const at::Tensor weights =
        torch::softmax(torch::matmul(parts[0] * scale, parts[1].transpose(-2, -1)), -1);
    return mix(torch::matmul(weights, parts[2]).transpose(1, 2).reshape({batch, tokens, kWidth}));
  }

  nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  nn::Linear queries_keys_values{nullptr}, mix{nullptr}, widen{nullptr}, narrow{nullptr};
};
TORCH_MODULE(EncoderLayer);

struct EncoderImpl : nn::Module {
  static ModelShape Shape() {
    return {{DType::kInt64, {kTokens}}, {DType::kFloat32, {kWidth}}, {0, kVocabulary}, 128};
  }

  EncoderImpl() {
    words = register_module("words", nn::Embedding(kVocabulary, kWidth));
    positions = register_module("positions", nn::Embedding(kTokens, kWidth));
    layers = register_module(
        "layers", nn::Sequential(EncoderLayer(), EncoderLayer(), EncoderLayer(), EncoderLayer()));
    norm = register_module("norm", nn::LayerNorm(nn::LayerNormOptions({kWidth})));
  }
  at::Tensor forward(const at::Tensor& ids) {
    const at::Tensor x = words(ids) + positions->weight;
    return norm(layers->forward(x)).mean(1);
  }

  nn::Embedding words{nullptr}, positions{nullptr};
  nn::Sequential layers{nullptr};
  nn::LayerNorm norm{nullptr};
};

std::span<const std::byte> BytesOf(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

template <typename Module>
class ModuleModel final : public Model {
 public:
  ModuleModel() { module_.eval(); }

  [[nodiscard]] ModelShape Shape() const override { return Module::Shape(); }
  at::Tensor Forward(const at::Tensor& batch) override {
    const c10::InferenceMode inference;
    return module_.forward(batch);
  }
  [[nodiscard]] int64_t Parameters() const override {
    int64_t elements = 0;
    for (const at::Tensor& parameter : module_.parameters())
      elements += parameter.numel();
    return elements;
  }
  [[nodiscard]] std::string Digest() const override {
    std::vector<uint64_t> digests;
    const auto add = [&digests](const auto& named_tensors) {
      for (const auto& named : named_tensors) {
        digests.push_back(coresweep::Digest(std::as_bytes(std::span(named.key()))));
        digests.push_back(coresweep::Digest(BytesOf(named.value().contiguous())));
      }
    };
    add(module_.named_parameters());
    add(module_.named_buffers());
    return DigestHex(coresweep::Digest(std::as_bytes(std::span(digests))));
  }

 private:
  Module module_;
};

}  // namespace

std::unique_ptr<Model> MakeModel(std::string_view name, uint64_t seed) {
  // Initial weights come from libtorch's one generator, so instances are made one at a time.
  static std::mutex generator;
  const std::lock_guard lock(generator);
  torch::manual_seed(seed);
  if (name == "mlp") return std::make_unique<ModuleModel<MlpImpl>>();
  if (name == "resnet18") return std::make_unique<ModuleModel<ResNet18Impl>>();
  if (name == "encoder") return std::make_unique<ModuleModel<EncoderImpl>>();
  return nullptr;
}

}  // namespace coresweep
