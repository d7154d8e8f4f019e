#pragma once
// The measures of an evaluation that no reward is trained on and that need no scores of a judge: what the pictures look like, how different they are, and which
// of them the reward likes more than the judges do.
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/image/rgb8_image.h"
#include "core/run/measures.h"
#include "core/sampling/session.h"

namespace rlcm::train {

/// Sharpness, frequencies, colours, flatness, dead and equal pictures, as means over the pictures. `decoderStride`: pixels to a latent. Pictures are taken by
/// the workers of the session. thread: trainer.
void addPictureMeasures(const std::vector<image::Rgb8Image>& pictures, int decoderStride, sampling::Session& session, run::Measures& measures);
/// Pairwise distance within prompts that have several pictures; nearest neighbours and the Vendi score over all. features: [n, d] of a vision model;
/// prompts: [n] whose picture it is.
void addDiversity(const at::Tensor& features, std::span<const std::int64_t> prompts, run::Measures& measures);
/// Mean suspicion (core/rl/suspicion) of the most suspicious tenth, at least one. Nothing without judges, or for fewer than two images.
void addSuspicion(std::span<const double> rewards, std::span<const std::vector<double>> judges, run::Measures& measures);

}  // namespace rlcm::train
