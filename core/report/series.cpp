#include "core/report/series.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/error.h"
#include "core/base/json.h"

namespace rlcm::report {

const std::vector<CounterInfo>& counterInfos() {
    using run::Counters;
    static const std::vector<CounterInfo> kInfos{
        {"epoch", "epoch", false, [](const Counters& c) { return static_cast<double>(c.epoch); }},
        {"optimizer_steps", "optimiser steps", false, [](const Counters& c) { return static_cast<double>(c.optimizerSteps); }},
        {"images", "training images", false, [](const Counters& c) { return static_cast<double>(c.images); }},
        {"reward_queries", "reward queries", false, [](const Counters& c) { return static_cast<double>(c.rewardQueries); }},
        {"denoiser_evaluations", "denoiser evaluations", false, [](const Counters& c) { return static_cast<double>(c.denoiserEvaluations); }},
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
    static const std::vector<std::pair<std::string_view, std::string_view>> kTitles{
        {"reward_mean", "mean reward"},
        {"reward_std", "reward deviation"},
        {"eval_reward_mean", "evaluation reward"},
        {"eval_judge_accuracy", "judge accuracy"},
        {"approx_kl", "approximate KL"},
        {"grad_norm", "gradient norm"},
        {"images_per_second", "images per second"},
    };
    for (const auto& [name, title] : kTitles) {
        if (name == scalar) {
            return std::string(title);
        }
    }
    std::string text(scalar);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
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
