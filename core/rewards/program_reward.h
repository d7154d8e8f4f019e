#pragma once
// The term "program": a program of the user's that scores images.
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/rewards/http_protocol.h"
#include "core/rewards/program_process.h"
#include "core/rewards/reward.h"
#include "core/rewards/score_cache.h"

namespace rlcm::rewards {

/// Sends batches as lines of JSON, one at a time. A program that ends or is too late is started again and
/// gets the batch again, three times; one that breaks the protocol ends the batch at once.
class ProgramReward : public Reward {
public:
    /// throws: as makeProgramReward.
    ProgramReward(const run::RewardConfig& config, NoticeSink notice);
    std::string_view name() const override { return "program"; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const override;
    void demand(Demand demand) override;

private:
    /// What one attempt left behind, for messages.
    struct Attempt {
        std::string answer;
        std::string problem;   ///< empty: there is an answer
        bool isFinal = false;  ///< asking again cannot help
        std::size_t textLines = 0;
        std::string firstText;
    };

    std::vector<double> ask(ScoreRequest request) const;
    Attempt attempt(const std::string& line) const;
    void readError(std::string_view line) const;
    std::string lastWords(const Attempt& attempt) const;

    const std::vector<std::string> m_arguments;
    const std::string m_who;
    const double m_timeout;
    const NoticeSink m_notice;
    mutable ScoreCache m_cache;
    Descriptor m_stop;  // an eventfd, readable after Stop
    mutable std::mutex m_mutex;
    // Guarded by m_mutex:
    mutable std::unique_ptr<ProgramProcess> m_process;
    mutable std::uint64_t m_requests = 0;
    mutable std::size_t m_errorLines = 0;
    mutable std::deque<std::string> m_lastErrors;
    mutable bool m_isTextTold = false;
};

}  // namespace rlcm::rewards
