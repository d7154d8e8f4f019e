#include "core/tensor/noise.h"

#include <vector>

#include "core/tensor/torch.h"

namespace rlcm::tensor {

at::Tensor seededNoise(const NoiseRows& rows, at::IntArrayRef shape, at::Device device) {
    std::vector<std::int64_t> full{static_cast<std::int64_t>(rows.indices.size())};
    full.insert(full.end(), shape.begin(), shape.end());
    const at::Tensor noise = at::empty(full, at::TensorOptions(at::kFloat).pinned_memory(device.is_cuda()));
    const auto perRow = static_cast<std::size_t>(c10::multiply_integers(shape));
    float* out = noise.data_ptr<float>();
    for (std::size_t k = 0; k < rows.indices.size(); ++k) {
        rows.streams.at(rows.stream, rows.epoch, rows.indices[k]).fillNormal({out + k * perRow, perRow});
    }
    return noise.to(device, /*non_blocking=*/true);
}

}  // namespace rlcm::tensor
