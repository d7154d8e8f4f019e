#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/sampling/denoiser.h"
#include "core/sampling/gate.h"
#include "core/sampling/noise.h"

namespace rlcm::sampling {

/// What one batch needs to be sampled.
struct TrajectoryInputs {
    const Noise& noise;
    Condition condition;  ///< as Denoiser::condition
    std::span<const nn::MergedProjection> projections;
    std::int64_t scoredSteps = 0;                   ///< log-probabilities are computed for steps 0 .. n-1
    std::span<const std::int64_t> graphSteps = {};  ///< ascending: predictions of these keep their backward graph
    bool keepsMeans = false;                        ///< of the scored steps
    bool keepsDenoised = false;                     ///< of all steps
    bool keepsPredictions = false;                  ///< of all steps; not with graph steps
};

/// A sampled batch. States are constants: the graph of each kept prediction starts at its own state.
struct Trajectory {
    std::vector<at::Tensor> states;       ///< H+1 tensors [B,C,h,w] f32: x_0 .. x_H
    std::vector<at::Tensor> logProbs;     ///< scoredSteps tensors [B] f32, mean over elements
    std::vector<at::Tensor> means;        ///< scoredSteps tensors [B,C,h,w] f32 of the transitions; only when asked for
    std::vector<at::Tensor> denoised;     ///< one [B,C,h,w] f32 of each step: the clean image that it predicts; only when asked for
    std::vector<at::Tensor> predictions;  ///< one [B,C,h,w] f32 for each of the graph steps, with its graph; or for each step, where asked for
    at::Tensor finalLatent;               ///< [B,C,h,w] f32, to be decoded
    double pausedSeconds = 0;
};

/// Samples one batch with a policy; looks at the gate before every denoiser call. throws: Cancelled, Numeric when a state is
/// not finite at the end. thread: any number at a time.
Trajectory sampleTrajectory(const Denoiser& denoiser, const diffusion::Policy& policy, const TrajectoryInputs& inputs, Gate& gate);

}  // namespace rlcm::sampling
