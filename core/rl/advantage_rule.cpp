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
    std::vector<double> advantages(const RoundRewards& round, run::Measures& measures) override {
        addZeroStdRatio(round.prompts, round.rewards, measures);
        return m_statistics.update(round.prompts, round.rewards);
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
    std::vector<double> advantages(const RoundRewards& round, run::Measures& measures) override {
        addZeroStdRatio(round.prompts, round.rewards, measures);
        return batchAdvantages(round.rewards);
    }
};

class Groups final : public AdvantageRule {
public:
    explicit Groups(std::int64_t size) : m_size(size) {}
    /// Groups of the same prompt stay apart.
    std::vector<double> advantages(const RoundRewards& round, run::Measures& measures) override {
        std::vector<std::string> groups;
        for (std::size_t i = 0; i < round.rewards.size(); ++i) {
            groups.push_back(std::to_string(i / static_cast<std::size_t>(m_size)));
        }
        addZeroStdRatio(groups, round.rewards, measures);
        return groupAdvantages(round.rewards, m_size);
    }

private:
    std::int64_t m_size;
};

}  // namespace

std::unique_ptr<AdvantageRule> makeAdvantageRule(const run::TrainingConfig& training) {
    switch (training.advantage) {
        case run::Advantage::PerPrompt:
            return std::make_unique<PerPrompt>(training);
        case run::Advantage::Batch:
            return std::make_unique<WholeRound>();
        case run::Advantage::Group:
            return std::make_unique<Groups>(training.groupSize);
    }
    return nullptr;
}

}  // namespace rlcm::rl
