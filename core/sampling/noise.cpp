#include "core/sampling/noise.h"

#include <utility>

#include "core/tensor/noise.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {
namespace {

constexpr std::uint64_t kMaxSteps = 4096;  // more than any schedule has; keeps the noise index of one image apart from the next

at::Tensor stepNoise(const NoiseKey& key, std::int64_t step, at::IntArrayRef shape, at::Device device) {
    std::vector<std::uint64_t> indices;
    for (const std::uint64_t sample : key.samples) {
        indices.push_back(sample * kMaxSteps + static_cast<std::uint64_t>(step));
    }
    return tensor::seededNoise({key.streams, key.step, key.epoch, indices}, shape, device);
}

}  // namespace

Noise makeNoise(NoiseKey key, std::vector<std::int64_t> shape, at::Device device) {
    at::Tensor initial = tensor::seededNoise({key.streams, key.initial, key.epoch, key.samples}, shape, device);
    return {std::move(initial), [key = std::move(key), shape = std::move(shape), device](std::int64_t step) { return stepNoise(key, step, shape, device); }};
}

}  // namespace rlcm::sampling
