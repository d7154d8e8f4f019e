#pragma once
#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>

#include "core/base/random.h"

namespace rlcm::tensor {

/// Which numbers the rows of a noise are made of: row k depends on (stream, epoch, indices[k]) alone.
struct NoiseRows {
    const RandomStreams& streams;
    Stream stream;
    std::uint64_t epoch;
    std::span<const std::uint64_t> indices;
};

/// Standard normal noise, one row per index.
/// The CPU makes the numbers, so that they are the same on every device; a GPU fetches them while the caller goes on.
/// shapes: returns [rows.indices.size(), shape...] f32 on `device`.
at::Tensor seededNoise(const NoiseRows& rows, at::IntArrayRef shape, at::Device device);

}  // namespace rlcm::tensor
