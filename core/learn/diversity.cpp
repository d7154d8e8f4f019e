#include "core/learn/diversity.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

/// [n, n] f64.
at::Tensor cosines(const at::Tensor& features) {
    ensure(features.dim() == 2 && features.size(0) >= 1, "features are rows");
    const at::Tensor rows = features.detach().to(at::kCPU, at::kDouble);
    const at::Tensor unit = rows / rows.norm(2, {1}, true);
    return unit.matmul(unit.t()).clamp(-1, 1);
}

}  // namespace

std::optional<double> pairwiseDistance(const at::Tensor& features) {
    const std::int64_t n = features.size(0);
    if (n < 2) {
        return std::nullopt;
    }
    return (1 - cosines(features)).triu(1).sum().item<double>() / (static_cast<double>(n * (n - 1)) / 2);
}

std::vector<double> nearestDistances(const at::Tensor& features) {
    if (features.size(0) < 2) {
        return {};
    }
    at::Tensor distances = 1 - cosines(features);
    distances.fill_diagonal_(std::numeric_limits<double>::infinity());
    const at::Tensor nearest = distances.amin({1}).contiguous();
    return {nearest.const_data_ptr<double>(), nearest.const_data_ptr<double>() + nearest.numel()};
}

double vendiScore(const at::Tensor& features, VendiOrder order) {
    const at::Tensor values = at::linalg_eigvalsh(cosines(features) / static_cast<double>(features.size(0))).clamp_min(0);
    switch (order) {
        case VendiOrder::One:
            return (-at::xlogy(values, values).sum()).exp().item<double>();
        case VendiOrder::Two:
            return 1 / values.square().sum().item<double>();
        case VendiOrder::Infinite:
            return 1 / values.max().item<double>();
    }
    return 0;
}

}  // namespace rlcm::learn
