#pragma once
#include <cstdint>

#include "core/train/denoiser.h"
#include "core/train/setup.h"

namespace rlcm::train {

/// Bytes that stay allocated while the backward graph of one image row's denoiser call is kept. Measured, not modelled: the
/// heap is read before and after a call. CPU only. thread: the trainer's, with no other torch work running.
std::int64_t graphBytesPerImage(const Denoiser& denoiser, const at::Tensor& latents, const Condition& condition,
                                const std::vector<nn::MergedProjection>& projections);

}  // namespace rlcm::train
