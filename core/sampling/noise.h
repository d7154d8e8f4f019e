#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/random.h"

namespace rlcm::sampling {

/// The random numbers of a batch.
struct Noise {
    at::Tensor initial;                                   ///< [B,C,h,w] f32, x_0 ~ N(0, I)
    std::function<at::Tensor(std::int64_t step)> atStep;  ///< [B,C,h,w] f32 for a stochastic step
};

/// What the random numbers of a batch depend on: those of row k on samples[k] and the rest, not on the other rows.
struct NoiseKey {
    RandomStreams streams;
    Stream initial = Stream::InitialNoise, step = Stream::StepNoise;
    std::uint64_t epoch = 0;
    std::vector<std::uint64_t> samples;  ///< [B]
};

/// Noise for latents of `shape` (of one row) on `device`. That of the steps is made when it is asked for. thread: any.
Noise makeNoise(NoiseKey key, std::vector<std::int64_t> shape, at::Device device);

}  // namespace rlcm::sampling
