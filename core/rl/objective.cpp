#include "core/rl/objective.h"

#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {
namespace {

namespace measure = run::measure;
using Watched = std::vector<std::pair<std::string_view, at::Tensor>>;

void requireRows(const Scored& rows) {
    ensure(rows.logProb.sizes() == rows.oldLogProb.sizes() && rows.logProb.sizes() == rows.advantage.sizes(),
           "log-probabilities and advantages must have one entry per row");
}

void requireTwins(const TwinRows& twins) {
    ensure(twins.change.sizes() == twins.advantage.sizes() && twins.change.dim() == 2 && twins.change.size(0) % 2 == 0 &&
               twins.change.size(1) == static_cast<std::int64_t>(twins.steps.size()),
           "twins are two images each, at the same steps");
}

at::Tensor shareOf(const at::Tensor& is, const at::Tensor& like) {
    return is.to(like.scalar_type()).mean();
}

/// Adds the weighted distance from the reference to a loss, and to what is watched.
at::Tensor withKl(const at::Tensor& loss, const Scored& rows, double weight, Watched& watched) {
    if (weight <= 0) {
        return loss;
    }
    ensure(rows.kl.defined() && rows.kl.sizes() == rows.logProb.sizes(), "a weight of the divergence needs a divergence of every row");
    const at::Tensor divergence = (rows.klFactor.defined() ? rows.klFactor * rows.kl : rows.kl).mean();
    watched.emplace_back(measure::kKlLoss, divergence.detach());
    return loss + weight * divergence;
}

/// What every objective shows of its ratios. One transfer for all numbers: on a GPU each would wait for the device.
void watch(const at::Tensor& loss, const at::Tensor& change, double share, Watched watched, run::Measures& measures) {
    const at::NoGradGuard noGrad;
    const at::Tensor off = change.exp() - 1;
    watched.emplace_back(measure::kLoss, loss.detach());
    watched.emplace_back(measure::kApproxKl, 0.5 * change.square().mean());
    watched.emplace_back(measure::kRatioMean, off.mean());
    watched.emplace_back(measure::kRatioStd, off.std(false));  // of the population
    watched.emplace_back(measure::kRatioMaxDeviation, off.abs().max());
    std::vector<at::Tensor> values;
    for (const auto& [name, value] : watched) {
        values.push_back(value.to(at::kDouble));
    }
    const at::Tensor numbers = at::stack(values).to(at::kCPU);
    for (std::size_t i = 0; i < watched.size(); ++i) {
        const double number = numbers[static_cast<std::int64_t>(i)].item<double>();
        // The mean ratio is close to 1: its digits are in the distance.
        measures.add(watched[i].first, watched[i].first == measure::kRatioMean ? 1 + number : number, share);
    }
}

}  // namespace

at::Tensor ClippedObjective::loss(const Scored& rows, double share, run::Measures& measures) const {
    requireRows(rows);
    const double lower = m_clip.rangePerElement, higher = m_clip.higher.value_or(lower);
    const at::Tensor advantage = rows.advantage.clamp(-m_clip.advantage, m_clip.advantage);
    const at::Tensor change = rows.logProb - rows.oldLogProb;
    const at::Tensor ratio = change.exp();
    const at::Tensor clipped = ratio.clamp(1 - lower, 1 + higher);
    Watched watched;
    const at::Tensor loss = withKl(at::maximum(-advantage * ratio, -advantage * clipped).mean(), rows, m_clip.klWeight, watched);
    const at::Tensor off = ratio.detach() - 1;
    watched.emplace_back(measure::kClipFraction, shareOf((off > higher).logical_or(off < -lower), off));
    watched.emplace_back(measure::kClipFractionHigher, shareOf(off > higher, off));
    watched.emplace_back(measure::kClipFractionLower, shareOf(off < -lower, off));
    watch(loss, change.detach(), share, std::move(watched), measures);
    return loss;
}

at::Tensor MaskedObjective::loss(const Scored& rows, double share, run::Measures& measures) const {
    requireRows(rows);
    const at::Tensor& divergence = rows.klSinceSampling;
    ensure(divergence.defined() && divergence.sizes() == rows.logProb.sizes(), "a divergence mask needs the divergence of every row");
    const at::Tensor advantage = rows.advantage.clamp(-m_mask.advantage, m_mask.advantage);
    const at::Tensor change = rows.logProb - rows.oldLogProb;
    const at::Tensor isBeyond = divergence >= m_mask.limit;
    const at::Tensor goesOn = (change > 0).logical_and(advantage > 0).logical_or((change < 0).logical_and(advantage < 0));
    const at::Tensor isDropped = isBeyond.logical_and(goesOn);
    // A mask and not a factor of 0: a ratio that is no number must not come through. It is cut before the exponential, whose gradient would be lost with it.
    const at::Tensor ratio = at::where(isDropped, at::zeros_like(change), change).exp();
    Watched watched;
    const at::Tensor loss = withKl(at::where(isDropped, at::zeros_like(ratio), -advantage * ratio).mean(), rows, m_mask.klWeight, watched);
    watched.emplace_back(measure::kKlNewOldMean, divergence.mean());
    watched.emplace_back(measure::kKlNewOldMax, divergence.max());
    watched.emplace_back(measure::kKlMaskFraction, shareOf(isBeyond, change));
    watched.emplace_back(measure::kMaskedFraction, shareOf(isDropped, change));
    watch(loss, change.detach(), share, std::move(watched), measures);
    return loss;
}

TwinTargets Objective::twinTargets(const TwinRows&) const {
    ensure(false, "this objective does not compare images");
    return {};
}

at::Tensor TwinObjective::loss(const Scored& rows, double share, run::Measures& measures) const {
    requireRows(rows);
    ensure(rows.error.defined() && rows.error.sizes() == rows.logProb.sizes() && rows.slope.sizes() == rows.logProb.sizes(),
           "a regression needs the error of every row's twins");
    Watched watched;
    const at::Tensor each = rows.error + rows.slope * (rows.logProb - rows.logProb.detach());
    const at::Tensor loss = withKl(each.mean(), rows, m_klWeight, watched);
    watch(loss, (rows.logProb - rows.oldLogProb).detach(), share, std::move(watched), measures);
    return loss;
}

TwinTargets RebelObjective::twinTargets(const TwinRows& twins) const {
    requireTwins(twins);
    const at::Tensor advantage = twins.advantage.select(1, 0);
    const at::Tensor both = (m_options.scale * twins.change.sum(1) - advantage.clamp(-m_options.advantage, m_options.advantage)).view({-1, 2});
    const at::Tensor off = both.select(1, 0) - both.select(1, 1);
    const at::Tensor error = off.square().repeat_interleave(2), slope = 2 * m_options.scale * at::stack({off, -off}, 1).flatten();
    // A mean over twins and a sum over steps, as a mean over all rows.
    const auto ofRows = [&](const at::Tensor& ofImages) { return ofImages.unsqueeze(1).expand_as(twins.change); };
    return {.error = ofRows(error), .slope = ofRows(slope * (2.0 * static_cast<double>(twins.change.size(1))))};
}

TwinTargets StepwiseObjective::twinTargets(const TwinRows& twins) const {
    requireTwins(twins);
    const double range = m_options.rangePerElement;
    std::vector<double> powers;
    for (const std::int64_t step : twins.steps) {
        powers.push_back(std::pow(m_options.stepWeight, static_cast<double>(step)));
    }
    const at::Tensor weight = at::tensor(powers, at::kDouble).to(twins.change.options());
    const auto sides = [&](const at::Tensor& values) { return values.unflatten(0, {-1, 2}); };  // [N/2,2,S]
    const at::Tensor advantage = sides(twins.advantage.clamp(-m_options.advantage, m_options.advantage));
    const auto differenceOf = [](const at::Tensor& both) { return both.select(1, 0) - both.select(1, 1); };
    const auto errorOf = [&](const at::Tensor& change) { return weight * differenceOf(change) - differenceOf(advantage); };
    const at::Tensor change = sides(twins.change), clamped = change.clamp(-range, range);
    const at::Tensor free = errorOf(change), cut = errorOf(clamped);
    // Where both are as large, each counts half: on policy they are one, and so is their slope.
    const at::Tensor share = ((free.square() > cut.square()).to(free.scalar_type()) + (free.square() >= cut.square()).to(free.scalar_type())) / 2;
    const at::Tensor isInside = (change == clamped).to(free.scalar_type());
    const at::Tensor sign = at::tensor({1.0, -1.0}, free.options()).view({1, 2, 1});
    const auto ofBoth = [](const at::Tensor& ofTwins) { return ofTwins.unsqueeze(1); };
    const at::Tensor slope = sign * 2 * weight * (ofBoth(share * free) + ofBoth((1 - share) * cut) * isInside);
    const at::Tensor error = ofBoth(at::maximum(free.square(), cut.square())).expand_as(change);
    // A mean over twins as one over all rows.
    return {.error = error.flatten(0, 1), .slope = (slope * 2).flatten(0, 1)};
}

at::Tensor NoObjective::loss(const Scored&, double, run::Measures&) const {
    ensure(false, "the reward's own gradient has no rows of a policy");
    return {};
}

std::unique_ptr<Objective> makeObjective(const run::TrainingConfig& training) {
    if (training.objective == run::Objective::RewardGradient) {
        return std::make_unique<NoObjective>();
    }
    if (training.objective == run::Objective::Stepwise) {
        return std::make_unique<StepwiseObjective>(StepwiseOptions{.stepWeight = training.stepWeight,
                                                                   .rangePerElement = training.clipRangePerElement,
                                                                   .advantage = training.advantageClip,
                                                                   .klWeight = training.klWeight});
    }
    if (training.objective == run::Objective::Rebel) {
        return std::make_unique<RebelObjective>(RebelOptions{.scale = training.rebelScale, .advantage = training.advantageClip, .klWeight = training.klWeight});
    }
    if (training.trustRegion == run::TrustRegion::DivergenceMask) {
        return std::make_unique<MaskedObjective>(
            MaskOptions{.limit = training.divergenceLimit, .advantage = training.advantageClip, .klWeight = training.klWeight});
    }
    const bool hasOwnHigher = training.clipRangeHigher > 0;
    return std::make_unique<ClippedObjective>(ClipOptions{.rangePerElement = training.clipRangePerElement,
                                                          .higher = hasOwnHigher ? std::optional(training.clipRangeHigher) : std::nullopt,
                                                          .advantage = training.advantageClip,
                                                          .klWeight = training.klWeight});
}

}  // namespace rlcm::rl
