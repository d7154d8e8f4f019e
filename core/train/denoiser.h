#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/models/pipeline.h"

namespace rlcm::train {

/// The UNet as a policy sees it: step index and state in, guided noise prediction out. Everything frozen that depends on the
/// step alone is computed once. thread: any number at a time.
class Denoiser {
public:
    /// Consistency models get the guidance embedding, diffusion models classifier-free guidance (none at scale 1).
    Denoiser(const models::Pipeline& pipeline, const diffusion::Policy& policy, double guidance, at::Device device);

    /// Rows through the UNet for one image row: 2 with classifier-free guidance.
    std::int64_t rowsPerImage() const { return m_isDoubled ? 2 : 1; }
    /// Context rows for a batch: [B,T,X] embeddings as given, or [2B,T,X] with the unconditional half first.
    at::Tensor context(const at::Tensor& embeddings, const at::Tensor& unconditional) const;
    /// Predicted noise of a batch whose rows are all at `step`. shapes: x [B,C,h,w] f32; returns the same in f32.
    at::Tensor predict(std::int64_t step, const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const;
    /// The same for rows at different steps; step [B] i64.
    at::Tensor predictMixed(const at::Tensor& step, const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const;

private:
    at::Tensor run(const models::TimeFeatures& time, const at::Tensor& x, const at::Tensor& context, std::span<const at::Tensor> projections) const;

    const models::UNet& m_unet;
    bool m_isDoubled;
    double m_guidance;
    models::TimeFeatures m_allSteps;                  // rows: steps
    std::vector<models::TimeFeatures> m_singleStep;   // one row each
};

}  // namespace rlcm::train
