#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/models/pipeline.h"
#include "core/sampling/recorded_calls.h"

namespace rlcm::sampling {

/// What the network is told of the prompts of a batch, made by Denoiser::condition.
struct Condition {
    at::Tensor context;  ///< [k*B,T,X]; k = 2 with classifier-free guidance, the unconditional half first
    at::Tensor added;    ///< [k*B,E] what pooled text and picture size add to the time embedding; networks with pooled text only, else undefined
};

struct DenoiserOptions {
    double guidance = 1.0;             ///< scale
    std::int64_t pixelsPerLatent = 8;  ///< of the decoder, along one side
    at::Tensor guidanceEmbedding;      ///< [1,E] f32 in place of the one that is made of the scale; undefined: that one
};

/// A network as a policy sees it: step index and state in, guided noise prediction out. Everything frozen that depends on the
/// step alone is computed once. thread: any number at a time.
class Denoiser {
public:
    /// Networks with a guidance embedding get it, others classifier-free guidance (none at scale 1). `network` must outlive it.
    Denoiser(const models::Network& network, const diffusion::Policy& policy, const DenoiserOptions& options, at::Device device);

    /// From now on calls are recorded and replayed, which gives the same numbers: less waiting between the kernels of a GPU, and the memory of a call taken for
    /// good. Call before predictions.
    void recordCalls(std::unique_ptr<tensor::LaunchRecorder> recorder);

    /// Rows through the network for one image row: 2 with classifier-free guidance.
    std::int64_t rowsPerImage() const { return m_isDoubled ? 2 : 1; }
    /// Rows that went through the network so far, the doubled ones of guidance included. thread: any.
    std::int64_t rowsDone() const { return m_rowsDone.load(); }
    /// Condition of a batch of prompts [B]; `none` is one row that stands for no prompt. `latentShape` [.., h, w]: SDXL is told that the
    /// picture was made in the size that it will have.
    Condition condition(const models::PromptEmbeddings& prompts, const models::PromptEmbeddings& none, at::IntArrayRef latentShape) const;
    /// Predicted noise of a batch whose rows are all at `step`. shapes: x [B,C,h,w] f32; returns the same in f32.
    at::Tensor predict(std::int64_t step, const at::Tensor& x, const Condition& condition, std::span<const nn::MergedProjection> projections) const;
    /// The same for rows at different steps; step [B] i64.
    at::Tensor predictMixed(const at::Tensor& step, const at::Tensor& x, const Condition& condition, std::span<const nn::MergedProjection> projections) const;

private:
    /// Features of steps [1 or B], of networks with added conditions with what the prompts add.
    models::TimeFeatures features(const at::Tensor& step, const at::Tensor& added) const;
    at::Tensor call(const CallInputs& inputs) const;
    at::Tensor run(const models::TimeFeatures& time, const CallInputs& inputs) const;

    const models::Network& m_network;
    std::int64_t m_pixelsPerLatent;
    bool m_isDoubled;
    double m_guidance;
    mutable std::atomic<std::int64_t> m_rowsDone{0};
    at::Tensor m_stepEmbeddings;                     // [steps,E]
    models::TimeFeatures m_allSteps;                 // rows: steps; of a network without added conditions
    std::vector<models::TimeFeatures> m_singleStep;  // one row each, the same
    std::unique_ptr<RecordedCalls> m_recorded;       // where calls are
};

}  // namespace rlcm::sampling
