#include "core/rl/advantage_rule.h"

#include <deque>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/rl/advantages.h"

namespace rlcm::rl {
namespace {

constexpr const char* kStatistics = "statistics";

class PerPrompt final : public AdvantageRule {
public:
    explicit PerPrompt(const run::TrainingConfig& training) : m_statistics(training.statBufferSize, training.statMinCount) {}
    std::vector<double> advantages(const RoundRewards& round) override { return m_statistics.update(round.prompts, round.rewards); }
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
    std::vector<double> advantages(const RoundRewards& round) override { return batchAdvantages(round.rewards); }
};

class Groups final : public AdvantageRule {
public:
    explicit Groups(std::int64_t size) : m_size(size) {}
    std::vector<double> advantages(const RoundRewards& round) override { return groupAdvantages(round.rewards, m_size); }

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
