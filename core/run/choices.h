#pragma once
// Settings that are one of a few words, as types. The words stand here once: JSON, --set, the form and the store read and write these names.
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace rlcm::run {

enum class Method { Rlcm, Ddpo };
enum class TimestepRule { Rlcm, Diffusers };       ///< which timesteps a horizon visits: as the paper's code (diffusers <= 0.23), or as >= 0.24
enum class LastStep { Faithful, Deterministic };   ///< noise and in the loss, or neither
enum class LearningRateDecay { None, TwoThirds };  ///< constant, or linear to 2/3 of the start
enum class Optimizer { Adam, AdamW };
enum class Advantage { PerPrompt, Batch, Group };
enum class TermNormalisation { Sum, Separate };  ///< of several reward terms: of their weighted sum, or of each by itself
/// What is done to rewards before they become advantages (core/rl/reward_transform.h).
enum class RewardTransform { None, WinRate, Threshold, TopShare, EveryNth, Quantised, Noisy, Drifting, Switching, Delayed };
/// Weighs actions by their advantages; regresses differences of advantages, of trajectories or step by step; or goes up the reward itself.
enum class Objective { PolicyGradient, Rebel, Stepwise, RewardGradient };
enum class TrustRegion { Clip, DivergenceMask };        ///< what keeps an update near the policy that sampled
enum class StepSelection { All, First, Last, Random };  ///< which of the steps that can be trained a round trains
/// What the images of a group have in common: nothing; the noise that they start from; also that of every step that the round does not train.
enum class GroupNoise { Own, Start, Untrained };
enum class GroupDeviation { Group, Round, None };  ///< what a group's advantages are divided by
enum class Dtype { Fp32, Bf16, Fp16, Auto };       ///< Auto: the fastest of the device, measured
/// Which checkpoint of a run counts as its best (core/run/best_evaluation.h).
enum class BestRule { Last, Judge, Reward, JudgedReward };
/// What an alarm does: nothing; a mark in the record; also a line for the log; also pauses the run; also stops it after the epoch.
enum class AlarmAction { Off, Mark, Notify, Pause, Stop };
enum class ServerProtocol { V1, UniRl, FlowFactory };  ///< of a reward server: the project's own, or that of a public trainer
enum class Switch { Auto, On, Off };                   ///< Auto: decided by the memory there is

constexpr std::array<std::string_view, 2> namesOf(Method) {
    return {"rlcm", "ddpo"};
}
constexpr std::array<std::string_view, 2> namesOf(TimestepRule) {
    return {"rlcm", "diffusers"};
}
constexpr std::array<std::string_view, 2> namesOf(LastStep) {
    return {"faithful", "deterministic"};
}
constexpr std::array<std::string_view, 2> namesOf(LearningRateDecay) {
    return {"none", "two_thirds"};
}
constexpr std::array<std::string_view, 2> namesOf(Optimizer) {
    return {"adam", "adamw"};
}
constexpr std::array<std::string_view, 3> namesOf(Advantage) {
    return {"per_prompt", "batch", "group"};
}
constexpr std::array<std::string_view, 2> namesOf(TermNormalisation) {
    return {"sum", "separate"};
}
constexpr std::array<std::string_view, 4> namesOf(Objective) {
    return {"policy_gradient", "rebel", "sdpo", "reward_gradient"};
}
constexpr std::array<std::string_view, 2> namesOf(TrustRegion) {
    return {"clip", "divergence_mask"};
}
constexpr std::array<std::string_view, 4> namesOf(StepSelection) {
    return {"all", "first", "last", "random"};
}
constexpr std::array<std::string_view, 3> namesOf(GroupNoise) {
    return {"own", "start", "untrained"};
}
constexpr std::array<std::string_view, 3> namesOf(GroupDeviation) {
    return {"group", "round", "none"};
}
constexpr std::array<std::string_view, 10> namesOf(RewardTransform) {
    return {"none", "win_rate", "threshold", "top_share", "every_nth", "quantised", "noisy", "drifting", "switching", "delayed"};
}
constexpr std::array<std::string_view, 4> namesOf(Dtype) {
    return {"fp32", "bf16", "fp16", "auto"};
}
constexpr std::array<std::string_view, 3> namesOf(ServerProtocol) {
    return {"v1", "unirl", "flow_factory"};
}
constexpr std::array<std::string_view, 4> namesOf(BestRule) {
    return {"last", "judge", "reward", "judged_reward"};
}
constexpr std::array<std::string_view, 3> namesOf(Switch) {
    return {"auto", "on", "off"};
}

constexpr std::array<std::string_view, 5> namesOf(AlarmAction) {
    return {"off", "mark", "notify", "pause", "stop"};
}

template <typename T>
concept Choice = requires(T value) { namesOf(value).front(); };

/// The word of a choice.
template <Choice T>
constexpr std::string_view toString(T value) {
    return namesOf(T{})[static_cast<std::size_t>(value)];
}
/// The choice with this word, or nothing.
template <Choice T>
constexpr std::optional<T> choiceOf(std::string_view word) {
    constexpr auto kNames = namesOf(T{});
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == word) {
            return static_cast<T>(i);
        }
    }
    return std::nullopt;
}

}  // namespace rlcm::run
