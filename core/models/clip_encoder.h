#pragma once
// What both CLIP towers share, and their insides. Private to core/models.
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/models/clip.h"
#include "core/nn/layers.h"

namespace rlcm::models {

/// CLIPEncoder: pre-norm transformer layers.
class ClipEncoder {
public:
    struct Shape {
        std::int64_t hidden, intermediate, layers, heads;
        bool isQuickGelu;
        double normEps;
    };
    static ClipEncoder take(nn::Weights& weights, const std::string& path, const Shape& shape);
    /// x [B,N,D] through all layers; when `states` is given it receives the input of each layer and the final output.
    at::Tensor operator()(at::Tensor x, bool isCausal, std::vector<at::Tensor>* states) const;

private:
    struct Layer {
        nn::LayerNorm norm1, norm2;
        nn::Linear query, key, value, out, feedForwardIn, feedForwardOut;
    };
    std::vector<Layer> m_layers;
    std::int64_t m_heads = 1;
    bool m_isQuickGelu = true;
};

struct ClipText::Impl {
    shapes::ClipTextShape config;
    at::Tensor tokenTable, positionTable;  ///< [vocab,D], [positions,D]
    ClipEncoder encoder;
    nn::LayerNorm finalNorm;
    at::Tensor projection;  ///< [P,D] or undefined
    /// `prefix` "text_model." or "".
    static std::unique_ptr<Impl> take(nn::Weights& weights, const shapes::ClipTextShape& config, bool hasProjection, const std::string& prefix);
};

struct ClipVision::Impl {
    shapes::ClipVisionShape config;
    at::Tensor classToken, patchKernel, positionTable;  ///< [D], [D,3,p,p], [1+N,D]
    nn::LayerNorm preNorm, postNorm;
    ClipEncoder encoder;
    at::Tensor projection;  ///< [P,D]
    static std::unique_ptr<Impl> take(nn::Weights& weights, const shapes::ClipVisionShape& config);
};

/// x / |x| along the last axis.
at::Tensor unitLength(const at::Tensor& x);

}  // namespace rlcm::models
