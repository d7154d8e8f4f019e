#pragma once
// CLIP towers: CLIPTextModel (text encoder of a pipeline) and CLIPModel (both towers, for scoring).
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"
#include "core/data/tokenizer.h"
#include "core/image/rgb8_image.h"
#include "core/nn/weights.h"
#include "core/shapes/clip_shape.h"

namespace rlcm::models {

/// Outputs of the text tower. Undefined tensors where the model has no projection.
struct TextOutput {
    at::Tensor lastHidden;                 ///< [B,T,D] after final_layer_norm
    std::vector<at::Tensor> hiddenStates;  ///< input of each layer, then output of the last; no final norm
    at::Tensor pooled;                     ///< [B,D] row of the end token (argmax rule when eos_token_id is 2, else first equal id)
    at::Tensor embeds;                     ///< [B,P] projected
};
struct VisionOutput {
    at::Tensor lastHidden;  ///< [B,1+N,D] no post norm
    at::Tensor pooled;      ///< [B,D] class token after post_layernorm
    at::Tensor embeds;      ///< [B,P] not normalised
};

class ClipText {
public:
    /// A text_encoder folder (config.json + model[.fp16].safetensors, or split), with or without the `text_model.` prefix.
    static ClipText load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device);
    /// The same from two named files.
    static ClipText loadFiles(const std::filesystem::path& config, const std::filesystem::path& weights, at::ScalarType dtype, at::Device device);
    /// The tower of a config with weights from any source; `prefix` is "text_model." or "". throws: as nn::Weights::finish.
    static ClipText build(const shapes::ClipTextShape& config, bool hasProjection, const std::string& prefix, nn::Weights& weights);
    ~ClipText();
    ClipText(ClipText&&) noexcept;
    ClipText& operator=(ClipText&&) noexcept;
    const shapes::ClipTextShape& config() const;
    /// Whether TextOutput::embeds is filled.
    bool hasProjection() const;
    /// ids [B,T] i64.
    TextOutput forward(const at::Tensor& ids) const;

private:
    friend class ClipModel;
    friend class ClipVision;
    struct Impl;
    explicit ClipText(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Every token has an embedding. throws: Format naming `folder`, where the encoder is from.
void requireRows(const std::filesystem::path& folder, const data::Tokenizer& tokenizer, const ClipText& encoder);

/// Images that go through a vision tower at once, so that its widest activation stays within 64 MiB: a ViT-H/14 takes 12.
std::size_t imagesAtOnce(const shapes::ClipVisionShape& config);

class ClipVision {
public:
    /// A folder with a CLIPVisionModelWithProjection or a CLIPModel (the vision tower is taken).
    static ClipVision load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device);
    /// The tower of a config with weights from any source. throws: as nn::Weights::finish.
    static ClipVision build(const shapes::ClipVisionShape& config, nn::Weights& weights);
    ~ClipVision();
    ClipVision(ClipVision&&) noexcept;
    ClipVision& operator=(ClipVision&&) noexcept;
    const shapes::ClipVisionShape& config() const;
    /// pixels [B,3,S,S] normalised.
    VisionOutput forward(const at::Tensor& pixels) const;

private:
    friend class ClipModel;
    struct Impl;
    explicit ClipVision(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// How an image of any shape becomes the square that a vision tower sees. source: what each score's authors publish.
enum class ClipFit {
    Crop,   ///< shorter side to the square's by Pillow's 8-bit bicubic, centre kept: CLIPImageProcessor (Pillow path)
    Whole,  ///< longer side to the square's by antialiased bicubic in f32, the rest black: the package hpsv2 (torchvision >= 0.17)
};

/// Image preparation as a model's files have it; they do not say the fit.
struct ClipPreprocess {
    ClipFit fit = ClipFit::Crop;
    std::int64_t resizeTo = 224, crop = 224;
    double mean[3] = {0.48145466, 0.4578275, 0.40821073};
    double std[3] = {0.26862954, 0.26130258, 0.27577711};
    static ClipPreprocess fromJson(const Json& json, std::string_view where);
    /// Of a folder: "image_processor" in processor_config.json, as transformers 5 writes it, else preprocessor_config.json. throws: Io, Format.
    static ClipPreprocess load(const std::filesystem::path& folder);
    /// [B,3,crop,crop] f32 on the CPU; the bits of an image do not depend on the others.
    at::Tensor apply(const std::vector<image::Rgb8Image>& images) const;
    /// The same of pictures [B,3,H,W] f32 of 0..1 of one size without any rounding to bytes, differentiable, on their device.
    at::Tensor applySmooth(const at::Tensor& pictures) const;
};

/// A whole CLIPModel folder: towers, tokenizer, preprocessing. Always f32. thread: any number at a time.
class ClipModel {
public:
    static ClipModel load(const std::filesystem::path& folder, at::Device device, ClipFit fit = ClipFit::Crop);
    /// Towers only, from config.json and model.safetensors (parity fixtures have no tokenizer).
    static ClipModel loadTowers(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device);
    ~ClipModel();
    ClipModel(ClipModel&&) noexcept;
    ClipModel& operator=(ClipModel&&) noexcept;
    const ClipText& text() const;
    const ClipVision& vision() const;
    double logitScale() const;  ///< as stored: the factor on the cosine is exp() of it
    /// Unit-length embeddings [B,P] f32 CPU, B >= 1; of images in parts of imagesAtOnce().
    at::Tensor embedTexts(const std::vector<std::string>& texts) const;
    at::Tensor embedImages(const std::vector<image::Rgb8Image>& images) const;
    /// Of pictures as ClipPreprocess::applySmooth takes them, all at once, differentiable; [B,P] f32 on their device.
    at::Tensor embedPictures(const at::Tensor& pictures) const;

private:
    struct Impl;
    explicit ClipModel(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::models
