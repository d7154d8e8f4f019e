#include "core/run/measures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "core/base/error.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

using enum Better;
constexpr MeasuredAt kEvaluation = MeasuredAt::Evaluation;

constexpr std::array kCatalogue{
    Measure{measure::kEvalRewardMean, "Evaluation reward (mean)", kRewardUnit, "Mean reward of the fixed evaluation images.", Higher, Merge::Last, kEvaluation},
    Measure{measure::kRewardMean, "Training reward (mean)", kRewardUnit, "Mean reward of the epoch's training images.", Higher},
    Measure{measure::kEvalRewardStd, "Evaluation reward (std)", kRewardUnit, "Population deviation over the evaluation images.", Neither, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalTrainRewardMean, "Evaluation reward, training prompts", kRewardUnit, "Mean over the evaluation images of training prompts.", Higher,
            Merge::Last, kEvaluation},
    Measure{measure::kEvalHeldOutRewardMean, "Evaluation reward, held-out prompts", kRewardUnit,
            "Mean over the evaluation images of prompts that are never trained on.", Higher, Merge::Last, kEvaluation},
    Measure{measure::kEvalJudgeAccuracy, "Judge accuracy", "", "Share of evaluation images whose own prompt the judge finds the nearest.", Higher, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalJudgeCosine, "Judge agreement (cosine)", "", "Mean cosine of image and own prompt in the judge's space.", Higher, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalJudgeCosineStd, "Judge agreement (std)", "", "Population deviation over the evaluation images.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalDiversity, "Diversity", "",
            "Mean cosine distance over all pairs of evaluation images in the judge's space; falls towards 0 when all look alike.", Higher, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalImages, "Evaluation images", "", "Images in the evaluation set.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalSharpness, "Sharpness", "",
            "Variance of the Laplacian of grey levels, mean over the evaluation images; falls with blur, rises with noise.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalHighFrequency, "High-frequency share", "", "Share of the pictures' power above 0.25 cycles per pixel; rises with noise and ringing.",
            Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalGrid, "Grid pattern", "", "Share of the pictures' variance that repeats with the decoder's stride: a checkerboard.", Lower,
            Merge::Last, kEvaluation},
    Measure{measure::kEvalSaturation, "Saturation", "", "Mean HSV saturation of the evaluation images.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalContrast, "Contrast", "", "Deviation of grey levels within an image over 255, mean over the evaluation images.", Neither, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalFlatShare, "Flat share", "", "Share of pixels whose surroundings have one colour: empty backgrounds.", Neither, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalDeadShare, "Dead images", "", "Share of evaluation images with hardly any contrast.", Lower, Merge::Last, kEvaluation},
    Measure{measure::kEvalDuplicateShare, "Equal images", "", "Share of evaluation images that are copies of another, byte by byte.", Lower, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalPairwise, "Diversity within prompts", "",
            "Mean cosine distance over the pairs of a prompt's images in the judge's space, mean over prompts.", Higher, Merge::Last, kEvaluation},
    Measure{measure::kEvalNearest, "Distance to the nearest image", "", "Mean cosine distance of an image to the nearest other in the judge's space.", Higher,
            Merge::Last, kEvaluation},
    Measure{measure::kEvalNearDuplicateShare, "Near copies", "", "Share of evaluation images that are nearer than 0.01 to another in the judge's space.", Lower,
            Merge::Last, kEvaluation},
    Measure{measure::kEvalVendi, "Different images (Vendi)", "", "How many different images the evaluation set holds in the judge's space, from 1 to all.",
            Higher, Merge::Last, kEvaluation},
    Measure{measure::kEvalSuspicion, "Suspicion", "",
            "By how much the reward ranks the most suspicious tenth of the evaluation images higher than the judges do, of -1 to 1.", Lower, Merge::Last,
            kEvaluation},
    Measure{measure::kEvalPathKl, "Distance from the base model (path KL)", "nats",
            "Divergence of the random steps from those of the model without its adapter, summed along a path, mean over the evaluation images.", Neither,
            Merge::Last, kEvaluation},
    Measure{measure::kEvalLastStepDrift, "Drift of the last step", "",
            "Mean square between the last step's latents with and without the adapter; only where that step adds no noise.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalSaturationStd, "Saturation (std)", "", "Population deviation over the evaluation images.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kEvalContrastStd, "Contrast (std)", "", "Population deviation over the evaluation images.", Neither, Merge::Last, kEvaluation},
    Measure{measure::kRewardStd, "Training reward (std)", kRewardUnit, "Population deviation over the epoch's training images.", Neither},
    Measure{measure::kRewardP10, "Training reward (10 %)", kRewardUnit, "A tenth of the epoch's training images has less.", Higher},
    Measure{measure::kRewardP50, "Training reward (median)", kRewardUnit, "Half of the epoch's training images has less.", Higher},
    Measure{measure::kRewardP90, "Training reward (90 %)", kRewardUnit, "Nine tenths of the epoch's training images have less.", Higher},
    Measure{measure::kLoss, "Loss", "", "Mean over updates of what the optimiser minimises; no measure of success.", Neither},
    Measure{measure::kApproxKl, "Approximate KL", "nats/element", "Half the mean squared change of the per-element log-probability since sampling.", Neither},
    Measure{
        measure::kKlLoss, "KL to the reference", "nats/element",
        "Divergence of the trained steps from those of the model without its adapter, or of the policy that took its place (training.kl_reset_epochs), mean "
        "over them; what training.kl_weight weighs.",
        Neither},
    Measure{
        measure::kTrainSuspicion, "Suspicion in training", "",
        "Mean by how much the reward ranks the training images that it ranks higher than the judges do higher, of 0 to 1; only where they say which are held.",
        Lower},
    Measure{measure::kKlShare, "Share held near the reference", "", "Of a round's images, those whose divergence is in the loss.", Neither},
    Measure{measure::kClipFraction, "Clipped fraction", "", "Share of trained steps whose ratio left the clip range.", Neither},
    Measure{measure::kClipFractionHigher, "Clipped fraction, above", "", "Share of trained steps with a ratio above the clip range.", Neither},
    Measure{measure::kClipFractionLower, "Clipped fraction, below", "", "Share of trained steps with a ratio below the clip range.", Neither},
    Measure{measure::kRatioMean, "Ratio (mean)", "", "Mean importance ratio of the trained steps.", Neither},
    Measure{measure::kRatioStd, "Ratio (std)", "", "Population deviation of the importance ratio within a call, mean over calls.", Neither},
    Measure{measure::kRatioMaxDeviation, "Largest ratio deviation", "", "Largest distance of an importance ratio from 1.", Neither, Merge::Max},
    Measure{measure::kKlNewOldMean, "Divergence since sampling (mean)", "nats/element", "Of the trained steps from those that were drawn, mean over them.",
            Neither},
    Measure{measure::kKlNewOldMax, "Divergence since sampling (largest)", "nats/element", "Largest divergence of a trained step from the one that was drawn.",
            Neither, Merge::Max},
    Measure{measure::kKlMaskFraction, "Beyond the divergence limit", "", "Share of trained steps whose divergence since sampling reached the limit.", Neither},
    Measure{measure::kMaskedFraction, "Masked fraction", "", "Share of trained steps that left the loss: beyond the limit, and going on.", Neither},
    Measure{measure::kZeroStdRatio, "Prompts without spread", "", "Share of the groups of several images of a prompt whose rewards are all the same.", Lower},
    Measure{measure::kGroupStdMean, "Spread within prompts", kRewardUnit, "Deviation of the rewards of a prompt's images, mean over the prompts with several.",
            Neither},
    Measure{measure::kGradNorm, "Gradient norm", "", "Norm of the gradient before clipping, mean over updates.", Neither},
    Measure{measure::kReward1s, "Reward of the first step alone", kRewardUnit,
            "Mean reward of the pictures that the first step of the epoch's training images predicts; that of all steps is the training reward.", Higher},
    Measure{measure::kPolicyGradientNorm, "Norm of the policy's gradient", "", "Where the reward's own gradient stands beside it, mean over updates.", Neither},
    Measure{measure::kRewardGradientNorm, "Norm of the reward's gradient", "", "Before its weight, mean over updates.", Neither},
    Measure{measure::kGradientCosine, "Cosine of the two gradients", "",
            "Of the policy's and the reward's own, mean over updates; below -0.3 they are in conflict.", Neither},
    Measure{measure::kRewardGradientWeight, "Weight of the reward's gradient", "", "As given, or as chosen in the first update.", Neither, Merge::Last},
    Measure{measure::kGradientReward, "Reward that has a gradient", "",
            "Mean of the differentiable terms of the training images, without rounding to bytes: what goes up by its own gradient.", Higher},
    Measure{measure::kGradientRewardGap, "Gap of the smooth reward", "",
            "Mean distance of that reward from the one of the 8-bit pictures; above a tenth of the spread within prompts it is another reward.", Lower},
    Measure{measure::kClampedShare, "Clamped share of pixels", "",
            "Of the training images' values, those beyond black or white, through which no gradient of the reward comes.", Lower},
    Measure{measure::kLearningRate, "Learning rate", "", "Of the epoch.", Neither, Merge::Last},
    Measure{measure::kImagesPerSecond, "Images per second", "1/s", "Training images over the epoch's active time.", Higher, Merge::Last},
    Measure{measure::kDiskFree, "Free disk", "GB", "Space left after the epoch where the run is stored, when that is little.", Higher, Merge::Last},
};
constexpr Measure kRewardTerm{measure::kRewardTermPrefix, "Reward term: ", kRewardUnit, "Mean of one unweighted term of the reward.", Higher};
constexpr Measure kSeconds{measure::kSecondsPrefix, "Seconds: ", "s", "Time of one phase of an epoch.", Lower, Merge::Sum};

/// Rows of what one kind of reward says as a judge. The views look into the texts.
struct JudgeRows {
    explicit JudgeRows(const RewardKind& kind)
        : names{std::string(measure::kEvalJudgePrefix) + std::string(kind.id), std::string(measure::kEvalJudgeStdPrefix) + std::string(kind.id)},
          title(std::string(kind.title) + (kind.unit.empty() ? "" : " (" + std::string(kind.unit) + ')')),
          mean{names[0], title, kind.unit, "Mean score of a judge over the evaluation images.", kind.better, Merge::Last, kEvaluation},
          std{names[1], title, kind.unit, "Population deviation of a judge's scores over the evaluation images.", Neither, Merge::Last, kEvaluation} {}
    JudgeRows(const JudgeRows&) = delete;

    const std::array<std::string, 2> names;
    const std::string title;
    const Measure mean, std;
};

/// The row of a judge's measure, whose name begins with `family`; nothing for a kind that there is not.
const Measure* findJudgeMeasure(std::string_view name, std::string_view family) {
    static const auto kRows = [] {
        std::deque<JudgeRows> rows;
        for (const RewardKind& kind : rewardKinds()) {
            rows.emplace_back(kind);
        }
        return rows;
    }();
    const std::string_view stem = name.substr(0, name.find('.', family.size()));
    for (const JudgeRows& rows : kRows) {
        for (const Measure* row : {&rows.mean, &rows.std}) {
            if (row->name == stem) {
                return row;
            }
        }
    }
    return nullptr;
}

std::string_view judgeFamily(std::string_view name) {
    for (const std::string_view family : {measure::kEvalJudgePrefix, measure::kEvalJudgeStdPrefix}) {
        if (name.starts_with(family)) {
            return family;
        }
    }
    return {};
}

std::string judgeTitle(const Measure& row, std::string_view name) {
    const std::string own(name.substr(row.name.size()));
    const char* what = name.starts_with(measure::kEvalJudgeStdPrefix) ? "Judge's spread" : "Judge";
    return std::string(what) + (own.empty() ? "" : ' ' + own.substr(1)) + ": " + std::string(row.title);
}

bool isChange(std::string_view name) {
    return name.starts_with(measure::kChangePrefix);
}

/// Step count behind a measure, as it is written, or the word for averaged weights; empty when there is neither.
std::string_view stepsBehind(std::string_view name) {
    const std::size_t at = name.find(measure::kAtSteps);
    const std::string_view steps = at == std::string_view::npos ? std::string_view() : name.substr(at + 1);
    return steps == measure::kAveraged || steps.find_first_not_of("0123456789") == std::string_view::npos ? steps : std::string_view();
}

std::string_view withoutSteps(std::string_view name) {
    const std::string_view steps = stepsBehind(name);
    return steps.empty() ? name : name.substr(0, name.size() - steps.size() - 1);
}

/// Spreads and counts have no change worth a curve.
bool hasChange(std::string_view name) {
    return !name.ends_with("_std") && !name.starts_with(measure::kEvalJudgeStdPrefix) && name != measure::kEvalImages;
}

std::size_t place(std::string_view name) {
    const auto found = std::find_if(kCatalogue.begin(), kCatalogue.end(), [&](const Measure& row) { return row.name == name; });
    return static_cast<std::size_t>(found - kCatalogue.begin());
}

}  // namespace

std::string_view toString(Better better) {
    return better == Higher ? "higher" : better == Lower ? "lower" : "";
}

std::span<const Measure> measures() {
    return kCatalogue;
}

const Measure* findMeasure(std::string_view name) {
    const std::string_view changed = isChange(name) ? name.substr(measure::kChangePrefix.size()) : name;
    if (const std::string_view of = withoutSteps(changed); of != name) {
        const Measure* row = isChange(of) ? nullptr : findMeasure(of);
        return row != nullptr && row->at == kEvaluation ? row : nullptr;
    }
    if (const std::size_t at = place(name); at < kCatalogue.size()) {
        return &kCatalogue[at];
    }
    if (const std::string_view family = judgeFamily(name); !family.empty()) {
        return findJudgeMeasure(name, family);
    }
    for (const Measure* family : {&kRewardTerm, &kSeconds}) {
        if (name.starts_with(family->name) && name.size() > family->name.size()) {
            return family;
        }
    }
    return nullptr;
}

std::string measureTitle(std::string_view name) {
    const Measure* row = findMeasure(name);
    if (row == nullptr) {
        return std::string(name);
    }
    if (isChange(name)) {
        return measureTitle(name.substr(measure::kChangePrefix.size())) + ", change";
    }
    if (const std::string_view steps = stepsBehind(name); !steps.empty()) {
        if (steps == measure::kAveraged) {
            return measureTitle(withoutSteps(name)) + ", averaged weights";
        }
        return measureTitle(withoutSteps(name)) + " at " + std::string(steps) + (steps == "1" ? " step" : " steps");
    }
    if (isOfJudge(name)) {
        return judgeTitle(*row, name);
    }
    return std::string(row->title) + std::string(row->name == name ? "" : name.substr(row->name.size()));
}

bool isInRewardUnits(std::string_view name) {
    const Measure* row = findMeasure(name);
    return row != nullptr && row->unit == kRewardUnit;
}

bool isOfJudge(std::string_view name) {
    return !judgeFamily(isChange(name) ? name.substr(measure::kChangePrefix.size()) : name).empty();
}

bool isOfMachine(std::string_view name) {
    return name == measure::kImagesPerSecond || name == measure::kDiskFree || name.starts_with(measure::kSecondsPrefix);
}

std::string atSteps(std::string_view name, std::int64_t steps) {
    return std::string(name) + measure::kAtSteps + std::to_string(steps);
}

std::string ofAverage(std::string_view name) {
    return std::string(name) + measure::kAtSteps + std::string(measure::kAveraged);
}

std::vector<std::pair<std::string, double>> changesSince(std::span<const std::pair<std::string, double>> before,
                                                         std::span<const std::pair<std::string, double>> now) {
    std::vector<std::pair<std::string, double>> changes;
    for (const auto& [name, value] : now) {
        const auto start = std::find_if(before.begin(), before.end(), [&](const auto& scalar) { return scalar.first == name; });
        if (hasChange(name) && !isChange(name) && start != before.end()) {
            changes.emplace_back(std::string(measure::kChangePrefix) + name, value - start->second);
        }
    }
    return changes;
}

bool Measures::ByCatalogue::operator()(std::string_view a, std::string_view b) const {
    const std::size_t left = place(a), right = place(b);
    return left != right ? left < right : a < b;
}

void Measures::add(std::string_view name, double value, double weight) {
    const Measure* row = findMeasure(name);
    ensure(row != nullptr, "the measure \"" + std::string(name) + "\" is not in the catalogue (core/run/measures.cpp)");
    take(name, {row->merge == Merge::Mean ? value * weight : value, weight});
}

void Measures::merge(const Measures& later) {
    for (const auto& [name, part] : later.m_parts) {
        take(name, part);
    }
}

void Measures::take(std::string_view name, const Part& part) {
    const auto found = m_parts.find(name);
    if (found == m_parts.end()) {
        m_parts.emplace(name, part);
        return;
    }
    Part& mine = found->second;
    switch (findMeasure(name)->merge) {
        case Merge::Mean:
        case Merge::Sum:
            mine.sum += part.sum;
            break;
        case Merge::Max:  // a value that is no number is not lost
            mine.sum = std::isnan(part.sum) ? part.sum : std::max(mine.sum, part.sum);
            break;
        case Merge::Last:
            mine.sum = part.sum;
            break;
    }
    mine.weight += part.weight;
}

double Measures::value(std::string_view name) const {
    const auto found = m_parts.find(name);
    ensure(found != m_parts.end(), "nothing was measured of \"" + std::string(name) + "\"");
    const Part& part = found->second;
    return findMeasure(name)->merge == Merge::Mean ? part.sum / part.weight : part.sum;
}

std::vector<std::pair<std::string, double>> Measures::scalars() const {
    std::vector<std::pair<std::string, double>> result;
    for (const auto& [name, part] : m_parts) {
        result.emplace_back(name, value(name));
    }
    return result;
}

}  // namespace rlcm::run
