#pragma once
#include <cstdint>
#include <vector>

#include "core/sampling/sampler.h"

namespace rlcm::learn {

/// Bytes that stay allocated while the backward graph of one image row's denoiser call is kept. Measured, not modelled: the
/// heap is read before and after a call. CPU only. thread: the trainer's, with no other torch work running.
std::int64_t graphBytesPerImage(const sampling::Sampler& sampler, const sampling::PromptTable& prompts, const std::vector<nn::MergedProjection>& projections);

}  // namespace rlcm::learn
