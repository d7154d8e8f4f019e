#pragma once
// The one catalogue of what is measured: titles, units, which way is better and how two parts of a measurement become one. Whoever computes a measure adds it to
// a Measures value under its name; everything that shows, stores, ranks or exports it reads the catalogue. A new measure is a row here and a line where it is computed.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rlcm::run {

enum class Better { Higher, Lower, Neither };
/// "higher", "lower" or "".
std::string_view toString(Better better);
/// How the measure of two parts becomes that of both: mean by weight, largest, sum, or the later one.
enum class Merge { Mean, Max, Sum, Last };
enum class MeasuredAt { Epoch, Evaluation };

struct Measure {
    std::string_view name;   ///< as stored, exported and printed in JSON
    std::string_view title;  ///< for people
    std::string_view unit;   ///< "" for a plain number; kRewardUnit: what the run's reward is measured in
    std::string_view help;   ///< one sentence
    Better better = Better::Neither;
    Merge merge = Merge::Mean;
    MeasuredAt at = MeasuredAt::Epoch;
};
inline constexpr std::string_view kRewardUnit = "reward";

/// Names that code needs to say; each has its row in the catalogue.
namespace measure {
inline constexpr std::string_view kRewardMean = "reward_mean", kRewardStd = "reward_std", kRewardP10 = "reward_p10", kRewardP50 = "reward_p50",
                                  kRewardP90 = "reward_p90";
inline constexpr std::string_view kLoss = "loss", kApproxKl = "approx_kl", kKlLoss = "kl_loss", kGradNorm = "grad_norm", kLearningRate = "learning_rate",
                                  kImagesPerSecond = "images_per_second", kDiskFree = "disk_free";
inline constexpr std::string_view kClipFraction = "clip_fraction", kClipFractionHigher = "clip_fraction_higher", kClipFractionLower = "clip_fraction_lower";
inline constexpr std::string_view kRatioMean = "ratio_mean", kRatioStd = "ratio_std", kRatioMaxDeviation = "ratio_max_deviation",
                                  kKlNewOldMean = "kl_new_old_mean", kKlNewOldMax = "kl_new_old_max", kKlMaskFraction = "kl_mask_fraction",
                                  kMaskedFraction = "masked_fraction", kTrainSuspicion = "train_suspicion", kKlShare = "kl_share",
                                  kZeroStdRatio = "zero_std_ratio", kGroupStdMean = "group_std_mean";
inline constexpr std::string_view kReward1s = "reward_1s", kPolicyGradientNorm = "policy_gradient_norm", kRewardGradientNorm = "reward_gradient_norm",
                                  kGradientCosine = "gradient_cosine", kRewardGradientWeight = "reward_gradient_weight", kGradientReward = "gradient_reward",
                                  kGradientRewardGap = "gradient_reward_gap", kClampedShare = "clamped_share";
inline constexpr std::string_view kEvalRewardMean = "eval_reward_mean", kEvalRewardStd = "eval_reward_std", kEvalImages = "eval_images";
inline constexpr std::string_view kEvalTrainRewardMean = "eval_train_reward_mean", kEvalHeldOutRewardMean = "eval_held_out_reward_mean";
inline constexpr std::string_view kEvalJudgeAccuracy = "eval_judge_accuracy", kEvalJudgeCosine = "eval_judge_cosine",
                                  kEvalJudgeCosineStd = "eval_judge_cosine_std", kEvalDiversity = "eval_diversity";
inline constexpr std::string_view kEvalSharpness = "eval_sharpness", kEvalHighFrequency = "eval_high_frequency", kEvalGrid = "eval_grid",
                                  kEvalSaturation = "eval_saturation", kEvalSaturationStd = "eval_saturation_std", kEvalContrast = "eval_contrast",
                                  kEvalContrastStd = "eval_contrast_std", kEvalFlatShare = "eval_flat_share", kEvalDeadShare = "eval_dead_share",
                                  kEvalDuplicateShare = "eval_duplicate_share";
inline constexpr std::string_view kEvalPairwise = "eval_pairwise", kEvalNearest = "eval_nearest", kEvalNearDuplicateShare = "eval_near_duplicate_share",
                                  kEvalVendi = "eval_vendi", kEvalSuspicion = "eval_suspicion", kEvalPathKl = "eval_path_kl",
                                  kEvalLastStepDrift = "eval_last_step_drift";
/// Families: the rest of the name is a reward term or a phase of an epoch.
inline constexpr std::string_view kRewardTermPrefix = "reward.", kSecondsPrefix = "seconds.";
/// Families of the judges: the rest is a kind of reward and, behind a dot, the judge's own name where it has one (judgeMeasure).
inline constexpr std::string_view kEvalJudgePrefix = "eval_judge.", kEvalJudgeStdPrefix = "eval_judge_std.";
/// Between a measure of an evaluation and a step count at which the set was drawn too: "eval_reward_mean@8".
inline constexpr char kAtSteps = '@';
/// In place of a step count: the set drawn with the averaged weights of the adapter, "eval_reward_mean@ema".
inline constexpr std::string_view kAveraged = "ema";
/// Before a measure of an evaluation: its change since the evaluation before training.
inline constexpr std::string_view kChangePrefix = "change.";
}  // namespace measure

/// Every measure with a row of its own, in the order in which they are offered. thread: any.
std::span<const Measure> measures();
/// The row of a measure, that of its family for a reward term, a phase or a judge, that of the measure for its change and for its value at other steps; nothing for other names (of a newer version's workspace).
const Measure* findMeasure(std::string_view name);
/// Title for people, "Training reward (mean)" for "reward_mean", "Reward term: alignment" for "reward.alignment", "Judge look: CLIPScore" for
/// "eval_judge.clipscore.look", "Sharpness, change" for "change.eval_sharpness", "Sharpness at 8 steps" for "eval_sharpness@8", "Sharpness, averaged weights" for "eval_sharpness@ema"; unknown names as they are.
std::string measureTitle(std::string_view name);
/// Scalars of an evaluation that have a change.NAME: now minus before, for each in both, but spreads and counts.
std::vector<std::pair<std::string, double>> changesSince(std::span<const std::pair<std::string, double>> before,
                                                         std::span<const std::pair<std::string, double>> now);
/// "eval_reward_mean@8".
std::string atSteps(std::string_view name, std::int64_t steps);
/// "eval_reward_mean@ema".
std::string ofAverage(std::string_view name);
/// Whether a measure is in units of the run's reward.
bool isInRewardUnits(std::string_view name);
/// Whether a measure is what a judge of evaluation.judges says: it may have gaps (NaN) where the judge failed, which say nothing of the run.
bool isOfJudge(std::string_view name);
/// Tells of the machine, not of the learning: the same run may have another value elsewhere, or when it is resumed.
bool isOfMachine(std::string_view name);

/// Named numbers that stages of a run add to and that merge as the catalogue says.
class Measures {
public:
    /// `weight` is the share of a mean: rows, images or 1. throws: std::logic_error for a name that is not in the catalogue.
    void add(std::string_view name, double value, double weight = 1);
    /// Takes another part in; later parts after earlier ones.
    void merge(const Measures& later);
    /// throws: std::logic_error when there is none.
    double value(std::string_view name) const;
    /// In the catalogue's order, families by name after it.
    std::vector<std::pair<std::string, double>> scalars() const;

private:
    struct Part {
        double sum = 0;  ///< of weighted values (Mean, Sum), or the value
        double weight = 0;
    };
    struct ByCatalogue {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const;
    };
    void take(std::string_view name, const Part& part);
    std::map<std::string, Part, ByCatalogue> m_parts;
};

}  // namespace rlcm::run
