#pragma once
// The denoising network as samplers and learners see it. One file per architecture implements it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"
#include "core/models/lora_weights.h"
#include "core/nn/lora.h"
#include "core/shapes/latent_shape.h"

namespace rlcm::nn {
class Weights;
}

namespace rlcm::models {

/// What a network takes.
struct NetworkDims {
    shapes::LatentShape latent;  ///< as it was trained; others may do
    std::int64_t outChannels = 4;
    std::int64_t contextWidth = 0;   ///< of one token of the prompt
    std::int64_t pooledWidth = 0;    ///< of pooled text, which comes with the picture's size; 0: neither is taken
    std::int64_t guidanceWidth = 0;  ///< of the guidance embedding of consistency models; 0: guidance is classifier-free
};

/// What the layers need of a timestep (and of a picture's added condition): frozen, so computed once and kept.
struct TimeFeatures {
    std::vector<at::Tensor> perLayer;  ///< each [n, C], in the order in which the layers run; n = 1, B or (guidance with an added condition) k*B
    /// Row i of the result is row index[i]; index [B] i64.
    TimeFeatures select(const at::Tensor& index) const;
};

class Network {
public:
    virtual ~Network() = default;

    virtual const NetworkDims& dims() const = 0;
    virtual std::int64_t parameterCount() const = 0;
    /// The linear layers that training may adapt, in forward order.
    virtual const std::vector<nn::Projection>& projections() const = 0;
    /// Embedding of timesteps [n] (i64 or float) with the guidance embedding [n or 1, guidanceWidth] f32 of consistency models, else
    /// undefined: [n, E] in the network's dtype. Sinusoids in f32. No gradient is recorded, here and in the next two.
    virtual at::Tensor timeEmbedding(const at::Tensor& timesteps, const at::Tensor& guidanceEmbedding) const = 0;
    /// What networks with a pooledWidth add to the time embedding: pooled text [n,P] and size numbers [n or 1, 6] (original height and width,
    /// crop top and left, target height and width, in pixels) -> [n, E].
    virtual at::Tensor addedEmbedding(const at::Tensor& pooled, const at::Tensor& sizes) const = 0;
    /// Features of an embedding [n, E]: timeEmbedding, plus addedEmbedding where there is one.
    virtual TimeFeatures timeFeatures(const at::Tensor& embedding) const = 0;
    /// From now on the backward graph keeps only the inputs of its blocks and computes the rest again on the way
    /// back: the same gradient to the bit for about a third more time. Not while forward() runs.
    virtual void setCheckpointing(bool isOn) = 0;
    /// The network's prediction.
    /// shapes: latents [B,inC,h,w], context [k*B,T,X] with k = 1 or 2, projections as LoraAdapter::merged(); returns
    /// [k*B,outC,h,w] in the network's dtype. With k = 2 (classifier-free guidance) all unconditional rows come first.
    /// thread: any number at a time; the object is not changed. Records gradient for the leaves of `projections` when grad mode is on.
    virtual at::Tensor forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context,
                               std::span<const nn::MergedProjection> projections) const = 0;
};

/// Loads the network in `folder` (config.json, diffusion_pytorch_model[.fp16].safetensors) by its "_class_name"; `change` is merged into the
/// weights. throws: Io, Format, also for a class that is not known.
std::unique_ptr<Network> loadNetwork(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change = {});
/// The network that a config.json describes, with any weights; `where` names the config in messages. throws: Format, and what `weights` throws.
std::unique_ptr<Network> buildNetwork(const Json& config, const std::string& where, nn::Weights& weights);
/// Every linear layer and convolution of the network that `folder`/config.json describes, those that training may adapt among them: meta
/// tensors, without values. throws: Io, Format.
std::vector<nn::Projection> networkLayers(const std::filesystem::path& folder);

/// Paths of those that training may adapt. throws: Io, Format.
std::set<std::string> adaptableLayers(const std::filesystem::path& folder);

}  // namespace rlcm::models
