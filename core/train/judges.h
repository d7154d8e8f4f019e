#pragma once
// The judges of a run: rewards that score the evaluation images and that nothing is trained on.
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/rewards/reward.h"
#include "core/run/measures.h"
#include "core/run/reward_catalogue.h"
#include "core/run/run_config.h"
#include "core/sampling/session.h"

namespace rlcm::train {

/// Each judge has a pool of its own: one that is slow or fails keeps no other from its scores. thread: trainer.
class Judges {
public:
    /// Loads the terms of evaluation.judges; `isStopped` ends the wait for a server's first answer. throws: Config, Io, Format, Reward, naming the judge.
    Judges(const run::RunConfig& config, const rewards::Place& place, const rewards::StopQuery& isStopped);

    /// Passed on to every judge.
    void demand(rewards::Demand demand);
    /// What judges had to say since the last call, and which ones gave no scores.
    std::vector<rewards::Notice> takeNotices();
    /// Lets every judge begin with a set of images.
    void submit(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts);
    /// Waits for all and adds mean and spread of each; NaN and a notice for one that failed. Returns the scores of those that gave some, one for each image.
    /// throws: Cancelled.
    std::vector<std::vector<double>> collect(const sampling::Session& session, run::Measures& measures);

private:
    struct Judge {
        run::RewardTerm term;
        std::unique_ptr<rewards::RewardPool> pool;
        std::future<rewards::Scores> scores;  // of the images under way
    };
    std::vector<double> scoresOf(Judge& judge, const sampling::Session& session);

    std::vector<Judge> m_judges;
    std::vector<rewards::Notice> m_failures;
};

}  // namespace rlcm::train
