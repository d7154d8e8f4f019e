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
        : m_size(static_cast<std::size_t>(training.groupSize)), m_deviation(training.groupDeviation), m_dropsFlat(training.dropsFlatGroups) {}
    /// Runs of consecutive samples: groups of the same prompt stay apart.
    Advantages advantages(const RoundRewards& round, run::Measures& measures) override {
        ensure(round.rewards.size() % m_size == 0, "rewards must divide into whole groups");
        std::vector<std::string> groups;
        for (std::size_t i = 0; i < round.rewards.size(); ++i) {
            groups.push_back(std::to_string(i / m_size));
        }
        addZeroStdRatio(groups, round.rewards, measures);
        return {groupAdvantages(groups, round.rewards, m_deviation), m_dropsFlat ? haveSpread(groups, round.rewards) : std::vector<bool>{}};
    }

private:
    std::size_t m_size;
    run::GroupDeviation m_deviation;
    bool m_dropsFlat;
};

}  // namespace

std::unique_ptr<AdvantageRule> makeAdvantageRule(const run::TrainingConfig& training) {
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

}  // namespace rlcm::rl
