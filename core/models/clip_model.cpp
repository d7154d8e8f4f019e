#include <algorithm>
#include <optional>
#include <utility>

#include "core/models/clip_encoder.h"
#include "core/models/component.h"
#include "core/shapes/clip_parts.h"
#include "core/tensor/torch.h"

namespace rlcm::models {

struct ClipModel::Impl {
    ClipText text;
    ClipVision vision;
    double logitScale = 0;
    at::Device device;
    std::optional<data::Tokenizer> tokenizer;
    ClipPreprocess preprocess;
};

ClipModel::ClipModel(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
ClipModel::~ClipModel() = default;
ClipModel::ClipModel(ClipModel&&) noexcept = default;
ClipModel& ClipModel::operator=(ClipModel&&) noexcept = default;

ClipModel ClipModel::loadTowers(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device) {
    const Json config = readConfig(folder);
    const std::string where = (folder / "config.json").string();
    const shapes::ClipTextShape textConfig = shapes::ClipTextShape::fromJson(shapes::textPart(config), where + ", text_config");
    const shapes::ClipVisionShape visionConfig = shapes::ClipVisionShape::fromJson(shapes::visionPart(config), where + ", vision_config");
    const std::filesystem::path file = findWeightFile(folder, kTransformersStem);
    nn::StoredWeights weights(file.string(), listTensors(file), dtype, device);
    auto text = ClipText::Impl::take(weights, textConfig, true, "text_model.");
    auto vision = ClipVision::Impl::take(weights, visionConfig);
    const at::Tensor logitScale = weights.take("logit_scale", {});
    weights.finish();
    return ClipModel(std::unique_ptr<Impl>(
        new Impl{ClipText(std::move(text)), ClipVision(std::move(vision)), device.is_meta() ? 0.0 : logitScale.item<double>(), device, std::nullopt, {}}));
}

ClipModel ClipModel::load(const std::filesystem::path& folder, at::Device device, ClipFit fit) {
    ClipModel model = loadTowers(folder, at::kFloat, device);
    model.m_impl->tokenizer.emplace(data::Tokenizer::load(folder));
    requireRows(folder, *model.m_impl->tokenizer, model.text());
    model.m_impl->preprocess = ClipPreprocess::load(folder);
    model.m_impl->preprocess.fit = fit;
    return model;
}

const ClipText& ClipModel::text() const {
    return m_impl->text;
}

const ClipVision& ClipModel::vision() const {
    return m_impl->vision;
}

double ClipModel::logitScale() const {
    return m_impl->logitScale;
}

at::Tensor ClipModel::embedTexts(const std::vector<std::string>& texts) const {
    const at::NoGradGuard noGrad;
    const std::int64_t length = std::min(m_impl->tokenizer.value().maxLength(), m_impl->text.config().positions);
    std::vector<at::Tensor> rows;
    for (const std::string& text : texts) {
        rows.push_back(at::tensor(m_impl->tokenizer->encodePadded(text, length), at::kLong));
    }
    return unitLength(m_impl->text.forward(at::stack(rows).to(m_impl->device)).embeds).to(at::kCPU, at::kFloat);
}

at::Tensor ClipModel::embedPictures(const at::Tensor& pictures) const {
    return unitLength(m_impl->vision.forward(m_impl->preprocess.applySmooth(pictures)).embeds).to(at::kFloat);
}

at::Tensor ClipModel::embedImages(const std::vector<image::Rgb8Image>& images) const {
    const at::NoGradGuard noGrad;
    const std::size_t step = imagesAtOnce(m_impl->vision.config());
    std::vector<at::Tensor> parts;
    for (std::size_t first = 0; first < images.size(); first += step) {
        const auto begin = images.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = images.begin() + static_cast<std::ptrdiff_t>(std::min(images.size(), first + step));
        parts.push_back(unitLength(m_impl->vision.forward(m_impl->preprocess.apply({begin, end}).to(m_impl->device)).embeds).to(at::kCPU, at::kFloat));
    }
    return at::cat(parts);
}

}  // namespace rlcm::models
