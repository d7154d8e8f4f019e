#pragma once
// The layers of a residual block on the CPU as one function of the graph. Private to core/nn.
#include <memory>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/nn/layers.h"

namespace rlcm::nn {

/// One function where layer by layer there would be four or more, each of which is called, kept and walked; nothing joins x and a skip. thread: any.
class ResnetPass {
public:
    struct Layers {
        GroupNorm norm1, norm2;
        std::shared_ptr<const PackedConv> conv1, conv2;
        std::vector<std::shared_ptr<const PackedConv>> shortcuts;  ///< one for each x, or none
    };
    explicit ResnetPass(Layers layers) : m_layers(std::move(layers)) {}

    /// xs: the tensors [B,C,H,W] whose channels follow each other; time [1 or b, out] with b dividing B, or undefined. A single x that nobody else holds may lend its memory to the result
    /// where no gradient is recorded: move it in.
    static at::Tensor apply(const std::shared_ptr<const ResnetPass>& pass, std::vector<at::Tensor> xs, const at::Tensor& time);

    /// What the way back needs besides xs and shift: what conv1 gave, and of the norms.
    struct Kept {
        at::Tensor inner, stats1, stats2;
    };
    /// shift [1 or B, out] or undefined; kept: filled, unless null.
    at::Tensor forward(std::vector<at::Tensor> xs, const at::Tensor& shift, Kept* kept) const;
    struct Asked {
        at::Tensor dy;  ///< gradient of the result, channels last
        const std::vector<bool>& isWanted;
    };
    /// The gradient of each x that wants it, undefined of the others.
    std::vector<at::Tensor> backward(at::TensorList xs, const Kept& kept, const at::Tensor& shift, const Asked& asked) const;

private:
    Layers m_layers;
};

}  // namespace rlcm::nn
