#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/models/clip_encoder.h"
#include "core/models/component.h"
#include "core/shapes/clip_parts.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

constexpr std::int64_t kMaxActivation = std::int64_t{16} << 20;  // f32 numbers, 64 MiB
constexpr std::size_t kMaxImages = 64;

}  // namespace

std::size_t imagesAtOnce(const shapes::ClipVisionShape& config) {
    const std::int64_t side = config.imageSize / config.patchSize;
    const std::int64_t perImage = (1 + side * side) * std::max(config.intermediate, 3 * config.hidden);
    return std::clamp(static_cast<std::size_t>(kMaxActivation / perImage), std::size_t{1}, kMaxImages);
}

std::unique_ptr<ClipVision::Impl> ClipVision::Impl::take(nn::Weights& weights, const shapes::ClipVisionShape& config) {
    const std::string prefix = "vision_model.";
    const std::int64_t side = config.imageSize / config.patchSize;
    auto impl = std::make_unique<Impl>();
    impl->config = config;
    weights.ignore(prefix + "embeddings.position_ids");
    impl->classToken = weights.take(prefix + "embeddings.class_embedding", {config.hidden});
    impl->patchKernel = weights.take(prefix + "embeddings.patch_embedding.weight", {config.hidden, 3, config.patchSize, config.patchSize});
    impl->positionTable = weights.take(prefix + "embeddings.position_embedding.weight", {1 + side * side, config.hidden});
    impl->preNorm = nn::LayerNorm::take(weights, prefix + "pre_layrnorm", config.hidden, config.normEps);  // spelt so in the files
    impl->encoder =
        ClipEncoder::take(weights, prefix + "encoder", {config.hidden, config.intermediate, config.layers, config.heads, config.isQuickGelu, config.normEps});
    impl->postNorm = nn::LayerNorm::take(weights, prefix + "post_layernorm", config.hidden, config.normEps);
    impl->projection = weights.take("visual_projection.weight", {config.projection, config.hidden});
    return impl;
}

ClipVision::ClipVision(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
ClipVision::~ClipVision() = default;
ClipVision::ClipVision(ClipVision&&) noexcept = default;
ClipVision& ClipVision::operator=(ClipVision&&) noexcept = default;

const shapes::ClipVisionShape& ClipVision::config() const {
    return m_impl->config;
}

ClipVision ClipVision::load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device) {
    const shapes::ClipVisionShape config = shapes::readClipVision(folder);
    const std::filesystem::path file = findWeightFile(folder, kTransformersStem);
    std::map<std::string, nn::StoredTensor> tensors = listTensors(file);
    // A CLIPModel's file holds the text tower as well.
    std::erase_if(tensors, [](const auto& entry) {
        return entry.first.starts_with("text_model.") || entry.first == "text_projection.weight" || entry.first == "logit_scale";
    });
    nn::StoredWeights weights(file.string(), std::move(tensors), dtype, device);
    return build(config, weights);
}

ClipVision ClipVision::build(const shapes::ClipVisionShape& config, nn::Weights& weights) {
    auto impl = Impl::take(weights, config);
    weights.finish();
    return ClipVision(std::move(impl));
}

VisionOutput ClipVision::forward(const at::Tensor& pixels) const {
    const Impl& net = *m_impl;
    if (pixels.dim() != 4 || pixels.size(1) != 3 || pixels.size(2) != net.config.imageSize || pixels.size(3) != net.config.imageSize) {
        throw Error(ErrorKind::Shape, "the image encoder takes [B,3," + std::to_string(net.config.imageSize) + "," + std::to_string(net.config.imageSize) +
                                          "]; check preprocessor_config.json");
    }
    const std::int64_t batch = pixels.size(0);
    const at::Tensor patches = at::conv2d(pixels.to(net.patchKernel.options()), net.patchKernel, {}, net.config.patchSize).flatten(2).transpose(1, 2);
    const at::Tensor tokens = at::cat({net.classToken.expand({batch, 1, net.config.hidden}), patches}, 1) + net.positionTable;
    VisionOutput output;
    output.lastHidden = net.encoder(net.preNorm(tokens), false, nullptr);
    output.pooled = net.postNorm(output.lastHidden.select(1, 0));
    output.embeds = at::linear(output.pooled, net.projection);
    return output;
}

}  // namespace rlcm::models
