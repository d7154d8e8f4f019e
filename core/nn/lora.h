#pragma once
// Low-rank adapters over a list of linear projections. Networks run on merged weights W + s*B*A: one product where adapter layers
// need three. On the way back the factors' gradients are made by products of rank r (core/nn/merged_projection).
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/random.h"

namespace rlcm::nn {

/// A layer that a LoRA may change: the adapter's are linear.
struct Projection {
    std::string path;   ///< module path, as "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
    at::Tensor weight;  ///< [out, in] (of a convolution [out, in, h, w]), frozen, in the network's dtype
};

/// What a network runs a projection with.
struct MergedProjection {
    at::Tensor weight;    ///< [out, in], W + s*B*A where adapted, in the network's dtype; a constant
    at::Tensor down, up;  ///< leaves A [r, in] and B [out, r] f32 that a gradient is wanted for; undefined: none is
    double scale = 1.0;   ///< s
    at::Tensor whole;     ///< [out, in] f32: what takes the gradient of `weight` and hands it on to the leaves; undefined: projections give it to them
};

class LoraAdapter {
public:
    /// Adapts each projection whose path ends in ".<target>" for a target of the comma separated list.
    /// Initial factors: A ~ N(0, (1/rank)^2) from `streams`, B = 0 (PEFT "gaussian"). throws: Config when a target matches nothing
    /// or rank < 1.
    LoraAdapter(std::vector<Projection> projections, std::string_view targets, std::int64_t rank, double alpha, const RandomStreams& streams);

    /// All factors as one flat f32 vector [P], tensors in byte order of their keys ("<path>.lora_A.weight" [r,in],
    /// "<path>.lora_B.weight" [out,r]), each row-major. The optimiser works on it in place; views stay valid.
    at::Tensor parameters() const { return m_parameters; }
    /// (key, view into parameters()) in that order.
    const std::vector<std::pair<std::string, at::Tensor>>& factors() const { return m_factors; }
    double scale() const { return m_scale; }
    std::int64_t rank() const { return m_rank; }
    double alpha() const { return m_alpha; }
    const std::string& targets() const { return m_targets; }

    /// What to run the network with, one per projection in the order given: W + s*B*A (merged in f32) where adapted, the frozen
    /// weight elsewhere. No gradient is wanted.
    std::vector<MergedProjection> merged() const;
    /// What to run the network with as if there was no adapter.
    std::vector<MergedProjection> unmerged() const;
    /// Whether the model with the adapter is the one without: B is 0 everywhere, as at the start.
    bool changesNothing() const;
    /// merged() with fresh leaves for the factors: the same memory as parameters(), which may change when no graph needs them any
    /// more. `leaves` gets A and B of each adapted projection, in order. For one way back: another wants leaves of its own. thread: any number at a time.
    std::vector<MergedProjection> withLeaves(std::vector<MergedProjection> merged, std::vector<at::Tensor>& leaves) const;
    /// Gradient of parameters() [P] f32 from gradients of the leaves, in their order (undefined = zero).
    at::Tensor gradient(std::span<const at::Tensor> leafGradients) const;
    /// Overwrites the factors from named tensors. throws: Format listing missing, unexpected and misshaped ones.
    void assign(const std::vector<std::pair<std::string, at::Tensor>>& factors);

private:
    std::vector<Projection> m_projections;
    std::vector<std::size_t> m_adapted;
    std::string m_targets;
    std::int64_t m_rank;
    double m_alpha, m_scale;
    at::Tensor m_parameters;
    std::vector<std::pair<std::string, at::Tensor>> m_factors;
    struct Pair {
        std::size_t a = 0, b = 0;
    };
    std::vector<Pair> m_pairs;  // where A and B stand in m_factors, parallel to m_adapted
};

}  // namespace rlcm::nn
