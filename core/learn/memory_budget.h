#pragma once
#include <cstdint>
#include <vector>

#include "core/sampling/sampler.h"

namespace rlcm::learn {

/// Bytes that stay allocated while the backward graph of one image row's denoiser call is kept. Measured, not modelled: the
/// heap is read before and after a call. CPU only. thread: the trainer's, with no other torch work running.
std::int64_t graphBytesPerImage(const sampling::Sampler& sampler, const sampling::PromptTable& prompts, const std::vector<nn::MergedProjection>& projections);
/// Bytes that a run may keep graphs in while nobody says how many: a share of what is free now, and no more than a share of the whole machine, so that runs
/// which start one after the other on an empty machine leave each other room.
double graphBudget(std::int64_t freeBytes, std::int64_t totalBytes);

}  // namespace rlcm::learn
