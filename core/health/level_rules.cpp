// The rules that are one number with a level: of the optimisation, looked at after every epoch, and of the images, looked at after every evaluation.
#include <algorithm>
#include <cmath>
#include <deque>

#include "core/base/order_statistics.h"
#include "core/base/over_optimisation.h"
#include "core/health/level_rule.h"

namespace rlcm::health {
namespace {

namespace measure = run::measure;
using run::MeasuredAt;

Maybe quotient(const Maybe& over, const Maybe& under) {
    return over && under && *under > 0 ? Maybe(*over / *under) : std::nullopt;
}

Maybe larger(const Maybe& a, const Maybe& b) {
    return a && b ? std::max(*a, *b) : a ? a : b;
}

Maybe gain(const Look& before, const Look& now, std::string_view name) {
    const Maybe from = before.value(name), to = now.value(name);
    return from && to ? Maybe(*to - *from) : std::nullopt;
}

Number plain(std::string_view name) {
    return [name](const Look&, const Look& now) { return now.value(name); };
}

Number overBase(std::string_view name) {
    return [name](const Look& base, const Look& now) { return quotient(now.value(name), base.value(name)); };
}

/// Over the median of the 20 values before it.
Number overMedian(std::string_view name) {
    constexpr std::size_t kRemembered = 20;
    return [name, before = std::deque<double>()](const Look&, const Look& now) mutable {
        const Maybe value = now.value(name);
        const Maybe ratio = before.empty() ? std::nullopt : quotient(value, median({before.begin(), before.end()}));
        if (value) {
            before.push_back(*value);
        }
        if (before.size() > kRemembered) {
            before.pop_front();
        }
        return ratio;
    };
}

/// How far a mean is from the first one, in deviations between the first images.
Maybe distance(const Look& base, const Look& now, std::string_view mean, std::string_view deviation) {
    const Maybe gone = gain(base, now, mean);
    return gone ? quotient(std::abs(*gone), base.value(deviation)) : std::nullopt;
}

Maybe noise(const Look& base, const Look& now) {
    return larger(quotient(now.value(measure::kEvalSharpness), base.value(measure::kEvalSharpness)),
                  quotient(now.value(measure::kEvalHighFrequency), base.value(measure::kEvalHighFrequency)));
}

Maybe colour(const Look& base, const Look& now) {
    return larger(distance(base, now, measure::kEvalSaturation, measure::kEvalSaturationStd),
                  distance(base, now, measure::kEvalContrast, measure::kEvalContrastStd));
}

/// Gain on trained prompts minus gain on held-out ones, in deviations between the first images.
Maybe promptGap(const Look& base, const Look& now) {
    const Maybe trained = gain(base, now, measure::kEvalTrainRewardMean), heldOut = gain(base, now, measure::kEvalHeldOutRewardMean);
    return trained && heldOut ? quotient(*trained - *heldOut, base.value(measure::kEvalRewardStd)) : std::nullopt;
}

/// Gain of the reward for 10 updates since the evaluation before, in deviations between the first images.
Number speed() {
    constexpr double kUpdates = 10;
    return [before = std::optional<Look>()](const Look& base, const Look& now) mutable {
        Maybe result;
        if (before && now.updates > before->updates) {
            const Maybe gained = gain(*before, now, measure::kEvalRewardMean);
            result =
                gained ? quotient(*gained * kUpdates / static_cast<double>(now.updates - before->updates), base.value(measure::kEvalRewardStd)) : std::nullopt;
        }
        before = now;
        return result;
    };
}

/// Square root of the path KL over that at which the fitted gain of the judge's agreement is highest; nothing while there are too few
/// points or no peak. source: Gao et al. 2022 (arXiv 2210.10760).
Number beyondPeak() {
    return [kl = std::vector<double>(), gained = std::vector<double>()](const Look& base, const Look& now) mutable -> Maybe {
        const Maybe distance = now.value(measure::kEvalPathKl), judge = gain(base, now, measure::kEvalJudgeCosine);
        if (!distance || !judge) {
            return std::nullopt;
        }
        kl.push_back(*distance);
        gained.push_back(*judge);
        const std::optional<GainFit> fit = betterFit(kl, gained);
        return fit && fit->peak ? quotient(std::sqrt(*distance), fit->peak->distance) : std::nullopt;
    };
}

/// Collects the rules that are not switched off.
class Table {
public:
    void add(Level level, const run::AlarmSetting& setting) {
        if (setting.action != run::AlarmAction::Off) {
            m_rules.push_back(std::make_unique<LevelRule>(std::move(level), setting));
        }
    }
    std::vector<std::unique_ptr<Rule>> take() { return std::move(m_rules); }

private:
    std::vector<std::unique_ptr<Rule>> m_rules;
};

// clang-format off
void addOptimisation(Table& table, const run::RunConfig& config) {
    const run::HealthConfig& health = config.health;
    const bool isOnPolicy = config.training.updatesPerRound * config.training.innerEpochs == 1 && config.transform.kind != run::RewardTransform::Delayed;
    if (isOnPolicy) {  // else earlier updates have moved the ratio rightly
        table.add({"precision", MeasuredAt::Epoch, measure::kRatioMaxDeviation, plain(measure::kRatioMaxDeviation), "the largest deviation of a first update's ratio from 1",
                   "Sampling and training do not compute the same: use compute.dtype fp32."}, health.precision);
    }
    table.add({"kl_jump", MeasuredAt::Epoch, measure::kApproxKl, overMedian(measure::kApproxKl), "the approximate KL over its recent median",
               "Halve the learning rate if it happens again.", Side::Above, 0.3, 1, 5, 20}, health.klJump);
    table.add({"clip_fraction", MeasuredAt::Epoch, measure::kClipFraction, plain(measure::kClipFraction), "the clipped fraction",
               "Most steps no longer teach anything: lower the learning rate, or take fewer updates per round.", Side::Above, 0.6, 3, 3, 3}, health.clipFraction);
    table.add({"zero_spread", MeasuredAt::Epoch, measure::kZeroStdRatio, plain(measure::kZeroStdRatio), "the share of prompts whose images all have the same reward",
               "The reward is saturated, or too hard for these prompts: they give no gradient.", Side::Above, 0.6, 3, 3, 1}, health.zeroSpread);
    table.add({"gradient_spike", MeasuredAt::Epoch, measure::kGradNorm, overMedian(measure::kGradNorm), "the gradient norm over its recent median",
               "One batch pulls much harder than the others: look at its rewards, or lower training.max_grad_norm.", Side::Above, 0.3, 1, 5, 20}, health.gradientSpike);
    table.add({"throughput", MeasuredAt::Epoch, measure::kImagesPerSecond, overMedian(measure::kImagesPerSecond), "the speed over its recent median",
               "Something else uses this machine, or it is hot or swapping.", Side::Below, 4.0 / 3, 3, 2, 5}, health.throughput);
    table.add({"disk_free", MeasuredAt::Epoch, measure::kDiskFree, plain(measure::kDiskFree), "the space left on the disk in GB",
               "Make room before the run has to stop: delete runs for good, or files beside the workspace.", Side::Below, 1.2}, health.diskFree);
    table.add({"vanished_spread", MeasuredAt::Epoch, measure::kGroupStdMean, overBase(measure::kGroupStdMean), "the spread of rewards within prompts, over that of the first epoch,",
               "What is left may be noise of the reward: stop, or take training.group_deviation none.", Side::Below, 1.5, 3, 3, 1}, health.vanishedSpread);
}

void addImages(Table& table, const run::HealthConfig& health) {
    constexpr MeasuredAt kAt = MeasuredAt::Evaluation;
    table.add({"dead_images", kAt, measure::kEvalDeadShare, plain(measure::kEvalDeadShare), "the share of images without contrast",
               "The run has collapsed, or the decoder overflows: go on from an earlier checkpoint.", Side::Above, 0.2, 1, 2, 0}, health.deadImages);
    table.add({"diversity", kAt, measure::kEvalPairwise, overBase(measure::kEvalPairwise), "the diversity within prompts, over that before training,",
               "Images of a prompt become alike: stop earlier or lower the learning rate.", Side::Below, 0.85 / 0.75, 2, 2, 1}, health.diversity);
    table.add({"sameness", kAt, measure::kEvalDiversity, overBase(measure::kEvalDiversity), "the diversity over all images, over that before training,",
               "Different prompts give the same picture: the reward does not need the prompt; go back to an earlier checkpoint.", Side::Below, 0.85 / 0.75, 2, 2, 1},
              health.sameness);
    table.add({"blur", kAt, measure::kEvalSharpness, overBase(measure::kEvalSharpness), "the sharpness, over that before training,",
               "Look at the images: detail is being lost. Stop earlier or lower the learning rate.", Side::Below, 0.85 / 0.75, 2, 2, 1}, health.blur);
    table.add({"noise", kAt, measure::kEvalSharpness, noise, "the sharpness or the high-frequency share, over that before training,",
               "Look at the images: the reward may like noise.", Side::Above, 0.8, 2, 2, 1}, health.noise);
    table.add({"grid", kAt, measure::kEvalGrid, overBase(measure::kEvalGrid), "the decoder's grid pattern, over that before training,",
               "Look at the images: the reward may like a checkerboard.", Side::Above, 2.0 / 3, 2, 2, 1}, health.grid);
    table.add({"colour", kAt, measure::kEvalSaturation, colour, "the change of saturation or contrast, in deviations between images before training,",
               "Look at the images: colours are pushed to an end.", Side::Above, 0.7, 2, 2, 1}, health.colour);
    table.add({"held_out", kAt, measure::kEvalHeldOutRewardMean, promptGap, "the gain on training prompts beyond that on held-out ones, in deviations between images,",
               "What is learned does not carry over: train on more prompts.", Side::Above, 0.7, 2, 2, 1}, health.heldOut);
    table.add({"kl_budget", kAt, measure::kEvalPathKl, plain(measure::kEvalPathKl), "the path KL to the base model in nats",
               "The allowed distance is used up: an earlier checkpoint is nearer.", Side::Above, 0.8, 1, 1, 0}, health.klBudget);
    table.add({"past_peak", kAt, measure::kEvalPathKl, beyondPeak(), "the distance from the base model, over that at which the judge agrees most,",
               "The judge's fitted curve is falling again: the best checkpoint is earlier.", Side::Above, 1 / 1.1, 2, 2, 6}, health.pastPeak);
    table.add({"speed", kAt, measure::kEvalRewardMean, speed(), "the gain of the reward in 10 updates, in deviations between images,",
               "Rewards that rise this fast are often hacked: look at the images.", Side::Above, 0.5, 1, 2, 0}, health.speed);
}
// clang-format on

}  // namespace

std::vector<std::unique_ptr<Rule>> makeLevelRules(const run::RunConfig& config) {
    Table table;
    addOptimisation(table, config);
    addImages(table, config.health);
    return table.take();
}

}  // namespace rlcm::health
