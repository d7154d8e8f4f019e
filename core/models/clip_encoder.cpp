#include "core/models/clip_encoder.h"

#include "core/nn/attention.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
at::Tensor unitLength(const at::Tensor& x) {
    return x / x.norm(2, {-1}, true);
}

ClipEncoder ClipEncoder::take(nn::Weights& weights, const std::string& path, const Shape& shape) {
    ClipEncoder encoder;
    encoder.m_heads = shape.heads;
    encoder.m_isQuickGelu = shape.isQuickGelu;
    for (std::int64_t i = 0; i < shape.layers; ++i) {
        const std::string layer = path + ".layers." + std::to_string(i);
        const auto projection = [&](const char* name) { return nn::Linear::take(weights, layer + ".self_attn." + name, shape.hidden, shape.hidden); };
        encoder.m_layers.push_back({nn::LayerNorm::take(weights, layer + ".layer_norm1", shape.hidden, shape.normEps),
                                    nn::LayerNorm::take(weights, layer + ".layer_norm2", shape.hidden, shape.normEps), projection("q_proj"),
                                    projection("k_proj"), projection("v_proj"), projection("out_proj"),
                                    nn::Linear::take(weights, layer + ".mlp.fc1", shape.hidden, shape.intermediate),
                                    nn::Linear::take(weights, layer + ".mlp.fc2", shape.intermediate, shape.hidden)});
    }
    return encoder;
}

at::Tensor ClipEncoder::operator()(at::Tensor x, bool isCausal, std::vector<at::Tensor>* states) const {
    for (const Layer& layer : m_layers) {
        if (states != nullptr) {
            states->push_back(x);
        }
        const at::Tensor normed = layer.norm1(x);
        x = x + layer.out(nn::attention(layer.query(normed), layer.key(normed), layer.value(normed), m_heads, isCausal));
        const at::Tensor wide = layer.feedForwardIn(layer.norm2(x));
        x = x + layer.feedForwardOut(m_isQuickGelu ? wide * at::sigmoid(wide * 1.702) : at::gelu(wide));
    }
    if (states != nullptr) {
        states->push_back(x);
    }
    return x;
}

}  // namespace rlcm::models
