#include "core/rl/dense_rewards.h"

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {
namespace {

constexpr double kLeastWeight = 0.1;

/// [N,H] unit-length rows [N,H,D] against one of each sample, [N,1,D].
at::Tensor cosines(const at::Tensor& rows, const at::Tensor& one) {
    return (rows * one).sum(2);
}

}  // namespace

Similarities similaritiesOf(const at::Tensor& predictions) {
    const at::Tensor flat = predictions.detach().flatten(2).to(at::kCPU, at::kDouble);
    const at::Tensor rows = flat / flat.norm(2, {2}, true);
    const std::int64_t steps = rows.size(1);
    Similarities similar{.anchor = {}, .toFirst = cosines(rows, rows.narrow(1, 0, 1)), .toAnchor = {}, .toLast = cosines(rows, rows.narrow(1, steps - 1, 1))};
    similar.anchor = steps < 3 ? at::zeros({rows.size(0)}, at::kLong) : (similar.toFirst + similar.toLast).argmin(1);
    similar.toAnchor = cosines(rows, rows.gather(1, similar.anchor.view({-1, 1, 1}).expand({-1, 1, rows.size(2)})));
    return similar;
}

at::Tensor denseRewards(const Similarities& similar, const QueriedRewards& rewards) {
    const at::Tensor weights = similar.toFirst + similar.toAnchor + similar.toLast;
    if (const double least = weights.min().item<double>(); !(least >= kLeastWeight)) {
        throw Error(ErrorKind::Numeric, "a step's prediction is so unlike the first, the last and the one between them (cosines add to " +
                                            std::to_string(least) + ") that no reward can be made for it; use training.objective policy_gradient");
    }
    const auto column = [](const at::Tensor& ofSamples) { return ofSamples.view({-1, 1}); };
    at::Tensor dense = (column(rewards.first) * similar.toFirst + column(rewards.anchor) * similar.toAnchor + column(rewards.last) * similar.toLast) / weights;
    dense.select(1, 0).copy_(rewards.first);
    dense.select(1, dense.size(1) - 1).copy_(rewards.last);
    return dense.scatter(1, column(similar.anchor), column(rewards.anchor));
}

at::Tensor discountedReturns(const at::Tensor& rewards, double discount) {
    at::Tensor returns = rewards.clone();
    for (std::int64_t step = rewards.size(1) - 2; step >= 0; --step) {
        returns.select(1, step).add_(discount * returns.select(1, step + 1));
    }
    return returns;
}

}  // namespace rlcm::rl
