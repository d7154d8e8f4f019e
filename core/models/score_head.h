#pragma once
// Score heads: small networks from a unit-length image embedding to one number.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/data/safetensors.h"

namespace rlcm::models {

/// LAION's aesthetic head and its relatives, always f32 on the CPU:
/// layers.{0,2,4,6,7}.{weight,bias}: five linear layers with nothing between (sac+logos+ava1-l14-linearMSE);
/// layers.{0,3,6,9,11}: the same with a ReLU after each but the last; weight, bias: one linear layer.
/// thread: any number at a time.
class ScoreHead {
public:
    /// A .safetensors file, or a .pth of PyTorch 1.6 or newer. throws: Io, Format naming file, key and shape.
    static ScoreHead load(const std::filesystem::path& file);
    /// `where` names the tensors in messages.
    static ScoreHead fromTensors(const data::NamedTensors& tensors, const std::string& where);

    /// Numbers in an embedding.
    std::int64_t width() const { return m_layers.front().weight.size(1); }
    /// Layer by layer. embeddings [B,width] f32 of unit length; result [B] f32.
    at::Tensor score(const at::Tensor& embeddings) const;
    /// score = weight . embedding + bias
    struct Affine {
        at::Tensor weight;  ///< [width] f64
        double bias = 0;
    };
    /// The whole head as one linear layer, computed in f64. throws: Format when it has ReLUs.
    Affine collapsed() const;

private:
    struct Layer {
        at::Tensor weight, bias;  ///< [out,in], [out]
    };
    std::vector<Layer> m_layers;
    bool m_hasRelu = false;
    std::string m_where;
};

}  // namespace rlcm::models
