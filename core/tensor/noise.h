#pragma once
#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>

#include "core/base/random.h"

namespace rlcm::tensor {

/// Standard normal noise, one row per index: row k depends on (stream, epoch, indices[k]) alone.
/// shapes: returns [indices.size(), shape...] f32 on the CPU.
at::Tensor seededNoise(const RandomStreams& streams, Stream stream, std::uint64_t epoch,
                       std::span<const std::uint64_t> indices, at::IntArrayRef shape);

}  // namespace rlcm::tensor
