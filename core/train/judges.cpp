#include "core/train/judges.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/base/error.h"
#include "core/learn/rollout.h"
#include "core/learn/summary.h"

namespace rlcm::train {
namespace {

/// A run waits longer for its reward than for who only watches it. In seconds of failing attempts, unless the judge has a server_patience of its own.
constexpr double kLongestPatience = 60;

bool hasOwnPatience(const run::RewardTerm& judge) {
    return std::ranges::any_of(judge.params, [](const auto& param) { return param.first == "server_patience"; });
}

/// The settings of a reward with this one term.
run::RewardConfig configOf(const run::RewardTerm& judge, const run::RewardConfig& reward) {
    run::RewardConfig config = run::settingsOf(judge, reward);
    config.terms = judge.id + '=' + judge.kind;
    if (!hasOwnPatience(judge)) {
        config.serverPatience = std::min(config.serverPatience, kLongestPatience);
    }
    return config;
}

}  // namespace

Judges::Judges(const run::RunConfig& config, const rewards::Place& place, const rewards::StopQuery& isStopped) {
    for (const run::RewardTerm& term : run::parseJudges(config.evaluation.judges)) {
        try {
            m_judges.push_back({term, std::make_unique<rewards::RewardPool>(configOf(term, config.reward), place, isStopped), {}});
        } catch (const Error& problem) {
            throw Error(problem.kind(), "the judge " + term.id + ": " + problem.what(), {.setting = std::string(run::kJudges)});
        }
    }
}

void Judges::demand(rewards::Demand demand) {
    for (Judge& judge : m_judges) {
        judge.pool->demand(demand);
    }
}

std::vector<rewards::Notice> Judges::takeNotices() {
    std::vector<rewards::Notice> all;
    for (Judge& judge : m_judges) {
        std::ranges::move(judge.pool->takeNotices(), std::back_inserter(all));
    }
    std::ranges::move(std::exchange(m_failures, {}), std::back_inserter(all));
    return all;
}

void Judges::submit(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) {
    for (Judge& judge : m_judges) {
        judge.scores = judge.pool->submit(images, prompts);
    }
}

/// Nothing from a judge that failed.
std::vector<double> Judges::scoresOf(Judge& judge, const sampling::Session& session) {
    double paused = 0;
    try {
        return learn::waitForScores(judge.scores, session, paused).total;
    } catch (const Error& problem) {
        if (session.gate.isStopping()) {
            throw sampling::Cancelled{};
        }
        m_failures.push_back(
            {log::Level::Warning, "the judge " + judge.term.id + " gave no scores, so its curve has a gap here; training goes on: " + problem.what()});
        return {};
    }
}

std::vector<std::vector<double>> Judges::collect(const sampling::Session& session, run::Measures& measures) {
    std::vector<std::vector<double>> given;
    for (Judge& judge : m_judges) {
        std::vector<double> scores = scoresOf(judge, session);
        const learn::MeanStd all = scores.empty() ? learn::MeanStd{std::nan(""), std::nan("")} : learn::meanStd(scores);
        const std::string name = run::judgeMeasure(judge.term);
        measures.add(std::string(run::measure::kEvalJudgePrefix) + name, all.mean);
        measures.add(std::string(run::measure::kEvalJudgeStdPrefix) + name, all.std);
        if (!scores.empty()) {
            given.push_back(std::move(scores));
        }
    }
    return given;
}

}  // namespace rlcm::train
