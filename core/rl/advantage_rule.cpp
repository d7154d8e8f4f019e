#include "core/rl/advantage_rule.h"

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/rl/advantages.h"

namespace rlcm::rl {
namespace {

constexpr const char* kStatistics = "statistics";
constexpr const char* kOfTerms = "term_statistics";
constexpr const char* kOfSteps = "step_statistics";

/// Runs of `size` consecutive samples: groups of the same prompt stay apart.
std::vector<std::string> consecutiveGroups(std::size_t samples, std::int64_t size) {
    std::vector<std::string> groups;
    for (std::size_t i = 0; i < samples; ++i) {
        groups.push_back(std::to_string(i / static_cast<std::size_t>(size)));
    }
    return groups;
}

class PerPrompt final : public AdvantageRule {
public:
    explicit PerPrompt(const run::TrainingConfig& training) : m_statistics(training.statBufferSize, training.statMinCount) {}
    Advantages advantages(const RoundRewards& round, run::Measures& measures) override {
        addZeroStdRatio(round.prompts, round.rewards, measures);
        return {m_statistics.update(round.prompts, round.rewards), {}};
    }
    void save(LearnerState& state) const override { state.values[kStatistics] = m_statistics.buffers(); }
    void restore(const LearnerState& state) override {
        try {
            m_statistics.restore(state.value(kStatistics).get<std::map<std::string, std::deque<double>>>());
        } catch (const Json::exception& problem) {
            throw Error(ErrorKind::Format, std::string("the checkpoint is damaged: the rewards per prompt cannot be read: ") + problem.what());
        }
    }

private:
    PerPromptStatistics m_statistics;
};

class WholeRound final : public AdvantageRule {
public:
    Advantages advantages(const RoundRewards& round, run::Measures& measures) override {
        addZeroStdRatio(round.prompts, round.rewards, measures);
        return {batchAdvantages(round.rewards), {}};
    }
};

class Groups final : public AdvantageRule {
public:
    explicit Groups(const run::TrainingConfig& training)
        : m_size(training.groupSize), m_deviation(training.groupDeviation), m_dropsFlat(training.dropsFlatGroups) {}
    Advantages advantages(const RoundRewards& round, run::Measures& measures) override {
        ensure(round.rewards.size() % static_cast<std::size_t>(m_size) == 0, "rewards must divide into whole groups");
        const std::vector<std::string> groups = consecutiveGroups(round.rewards.size(), m_size);
        addZeroStdRatio(groups, round.rewards, measures);
        return {groupAdvantages(groups, round.rewards, m_deviation), m_dropsFlat ? haveSpread(groups, round.rewards) : std::vector<bool>{}};
    }

private:
    std::int64_t m_size;
    run::GroupDeviation m_deviation;
    bool m_dropsFlat;
};

/// Running statistics of each prompt at each step: of the returns of all first twins, then of the second ones. source: SDPO's code.
class PerStep final : public AdvantageRule {
public:
    explicit PerStep(const run::TrainingConfig& training) : m_bufferSize(training.statBufferSize), m_minCount(training.statMinCount) {}
    Advantages advantages(const RoundRewards& round, run::Measures& measures) override {
        ensure(!round.returns.empty() && round.returns.size() == round.prompts.size(), "every sample needs the returns of its steps");
        addZeroStdRatio(round.prompts, round.rewards, measures);
        const std::size_t samples = round.returns.size(), steps = round.returns.front().size();
        std::vector<std::size_t> order;
        for (const std::size_t twin : {std::size_t{0}, std::size_t{1}}) {
            for (std::size_t sample = twin; sample < samples; sample += 2) {
                order.push_back(sample);
            }
        }
        resize(steps);
        Advantages result{std::vector<double>(samples, 0.0), {}, std::vector<std::vector<double>>(samples, std::vector<double>(steps))};
        for (std::size_t step = 0; step < steps; ++step) {
            std::vector<std::string> prompts;
            std::vector<double> returns;
            for (const std::size_t sample : order) {
                prompts.push_back(round.prompts[sample]);
                returns.push_back(round.returns[sample].at(step));
            }
            const std::vector<double> values = m_statistics[step].update(prompts, returns);
            for (std::size_t i = 0; i < samples; ++i) {
                result.ofSteps[order[i]][step] = values[i];
                result.values[order[i]] += values[i] / static_cast<double>(steps);
            }
        }
        return result;
    }
    void save(LearnerState& state) const override {
        Json all = Json::array();
        for (const PerPromptStatistics& ofStep : m_statistics) {
            all.push_back(ofStep.buffers());
        }
        state.values[kOfSteps] = std::move(all);
    }
    void restore(const LearnerState& state) override {
        const Json& all = state.value(kOfSteps);
        try {
            m_statistics.clear();
            resize(all.size());
            for (std::size_t step = 0; step < all.size(); ++step) {
                m_statistics[step].restore(all.at(step).get<std::map<std::string, std::deque<double>>>());
            }
        } catch (const Json::exception& problem) {
            throw Error(ErrorKind::Format, std::string("the checkpoint is damaged: the rewards per prompt and step cannot be read: ") + problem.what());
        }
    }

private:
    void resize(std::size_t steps) { m_statistics.resize(steps, PerPromptStatistics(m_bufferSize, m_minCount)); }

    std::int64_t m_bufferSize, m_minCount;
    std::vector<PerPromptStatistics> m_statistics;  // one a step
};

std::unique_ptr<AdvantageRule> makeRuleOfSum(const run::TrainingConfig& training) {
    switch (training.advantage) {
        case run::Advantage::PerPrompt:
            return std::make_unique<PerPrompt>(training);
        case run::Advantage::Batch:
            return std::make_unique<WholeRound>();
        case run::Advantage::Group:
            return std::make_unique<Groups>(training);
    }
    return nullptr;
}

/// A rule for each term of the reward. A sample counts when it does for any of them.
class SeparateTerms final : public AdvantageRule {
public:
    SeparateTerms(const run::TrainingConfig& training, std::vector<double> weights)
        : m_weights(std::move(weights)), m_groupSize(training.advantage == run::Advantage::Group ? training.groupSize : 0) {
        ensure(!m_weights.empty(), "terms that are taken apart need their weights");
        for (std::size_t term = 0; term < m_weights.size(); ++term) {
            m_rules.push_back(makeRuleOfSum(training));
        }
    }
    Advantages advantages(const RoundRewards& round, run::Measures& measures) override {
        ensure(round.terms.size() == m_rules.size(), "the scores of every reward term are needed");
        // What is watched is the spread of the rewards: spreads of terms have other units.
        addZeroStdRatio(m_groupSize > 0 ? consecutiveGroups(round.rewards.size(), m_groupSize) : round.prompts, round.rewards, measures);
        run::Measures ofTerms;
        std::vector<std::vector<double>> values;
        std::vector<bool> counts;
        for (std::size_t term = 0; term < m_rules.size(); ++term) {
            Advantages own = m_rules[term]->advantages({round.prompts, round.terms[term]}, ofTerms);
            counts.resize(own.counts.size(), false);
            for (std::size_t i = 0; i < counts.size(); ++i) {
                counts[i] = counts[i] || own.counts[i];
            }
            values.push_back(std::move(own.values));
        }
        return {combinedAdvantages(values, m_weights), std::move(counts)};
    }
    void save(LearnerState& state) const override {
        Json all = Json::array();
        for (const auto& rule : m_rules) {
            LearnerState own;
            rule->save(own);
            all.push_back(std::move(own.values));
        }
        state.values[kOfTerms] = std::move(all);
    }
    void restore(const LearnerState& state) override {
        const Json& all = state.value(kOfTerms);
        if (!all.is_array() || all.size() != m_rules.size()) {
            throw Error(ErrorKind::Format, "the checkpoint is damaged: it does not hold the statistics of " + std::to_string(m_rules.size()) + " reward terms");
        }
        for (std::size_t term = 0; term < m_rules.size(); ++term) {
            m_rules[term]->restore({.tensors = {}, .values = all[term]});
        }
    }

private:
    std::vector<double> m_weights;
    std::int64_t m_groupSize;
    std::vector<std::unique_ptr<AdvantageRule>> m_rules;
};

}  // namespace

std::unique_ptr<AdvantageRule> makeAdvantageRule(const run::TrainingConfig& training, std::vector<double> weights) {
    if (training.termNormalisation == run::TermNormalisation::Separate) {
        return std::make_unique<SeparateTerms>(training, std::move(weights));
    }
    if (training.objective == run::Objective::Stepwise) {
        return std::make_unique<PerStep>(training);
    }
    return makeRuleOfSum(training);
}

}  // namespace rlcm::rl
