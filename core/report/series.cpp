#include "core/report/series.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::report {

const std::vector<CounterInfo>& counterInfos() {
    using run::Counters;
    static const std::vector<CounterInfo> kInfos{
        {"epoch", "epoch", false, [](const Counters& c) { return static_cast<double>(c.epoch); }},
        {"optimizer_steps", "optimiser steps", false, [](const Counters& c) { return static_cast<double>(c.optimizerSteps); }},
        {"images", "training images", false, [](const Counters& c) { return static_cast<double>(c.images); }},
        {"reward_queries", "reward queries", false, [](const Counters& c) { return static_cast<double>(c.rewardQueries); }},
        {"denoiser_evaluations", "denoiser evaluations", false, [](const Counters& c) { return static_cast<double>(c.denoiserEvaluations); }},
        {"nominal_denoiser_evaluations", "denoiser evaluations, nominal", false, [](const Counters& c) { return static_cast<double>(c.nominalDenoiserEvaluations); }},
        {"active_seconds", "active time", true, [](const Counters& c) { return c.activeSeconds; }},
        {"wall_seconds", "wall time", true, [](const Counters& c) { return c.wallSeconds; }},
    };
    return kInfos;
}

const CounterInfo& counterInfo(std::string_view key) {
    std::vector<std::string_view> names;
    for (const CounterInfo& info : counterInfos()) {
        if (info.key == key) {
            return info;
        }
        names.push_back(info.key);
    }
    const std::string near = nearestName(key, names);
    throw Error(ErrorKind::Config, "unknown x axis \"" + std::string(key) + "\"" + (near.empty() ? "; use epoch" : "; did you mean " + near + "?"));
}

std::string scalarTitle(std::string_view scalar) {
    static const std::map<std::string_view, std::string_view> kTitles{
        {"reward_mean", "Training reward (mean)"},
        {"reward_std", "Training reward (std)"},
        {"reward_p10", "Training reward (10 %)"},
        {"reward_p50", "Training reward (median)"},
        {"reward_p90", "Training reward (90 %)"},
        {"eval_reward_mean", "Evaluation reward (mean)"},
        {"eval_reward_std", "Evaluation reward (std)"},
        {"eval_train_reward_mean", "Evaluation reward, training prompts"},
        {"eval_held_out_reward_mean", "Evaluation reward, held-out prompts"},
        {"eval_judge_accuracy", "Judge accuracy"},
        {"eval_judge_cosine", "Judge agreement (cosine)"},
        {"eval_diversity", "Diversity"},
        {"eval_images", "Evaluation images"},
        {"loss", "Loss"},
        {"approx_kl", "Approximate KL"},
        {"clip_fraction", "Clipped fraction"},
        {"grad_norm", "Gradient norm"},
        {"ratio_max_deviation", "Largest ratio deviation"},
        {"learning_rate", "Learning rate"},
        {"images_per_second", "Images per second"},
    };
    if (const auto found = kTitles.find(scalar); found != kTitles.end()) {
        return std::string(found->second);
    }
    constexpr std::string_view kTerm = "reward.";
    if (scalar.starts_with(kTerm)) {
        return "Reward term: " + std::string(scalar.substr(kTerm.size()));
    }
    return std::string(scalar);
}

bool isInRewardUnits(std::string_view scalar) {
    return scalar.starts_with("reward_") || scalar.starts_with("reward.") || (scalar.starts_with("eval_") && scalar.find("reward") != std::string_view::npos);
}

std::string rewardUnit(std::string_view terms) {
    const std::string unit = run::rewardUnit(terms);
    return unit.empty() ? "" : " (" + unit + ")";
}

store::RunRow requireRun(const store::StoreReader& reader, const run::RunId& id) {
    auto row = reader.run(id);
    if (!row) {
        throw Error(ErrorKind::Store, "the workspace " + reader.workspace().string() + " has no run " + id);
    }
    return *std::move(row);
}

std::string exactText(double value) {
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

}  // namespace rlcm::report
