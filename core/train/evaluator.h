#pragma once
// The fixed evaluation set: the same prompts and noise for every run, epoch and horizon, so that images can be compared.
#include <memory>
#include <string>
#include <vector>

#include "core/learn/learner.h"
#include "core/models/clip.h"
#include "core/run/measures.h"
#include "core/run/run_event.h"

namespace rlcm::train {

class Evaluator {
public:
    /// Chooses the prompts (evenly spread over the lists) and loads the judge. throws: Io, Format, Config.
    Evaluator(const run::RunConfig& config, const models::Pipeline& pipeline, at::Device device);

    std::int64_t images() const { return static_cast<std::int64_t>(m_items.size()); }
    /// Samples, scores and judges the whole set with the learner's current weights. Fills `scalars` and `images` of the event.
    /// throws: Cancelled, Reward, Numeric. thread: trainer.
    void evaluate(learn::Learner& learner, run::EvaluationDone& event) const;

private:
    struct Item {
        std::int64_t prompt = 0;
        bool isHeldOut = false;
        std::uint64_t noise = 0;  ///< what its random numbers depend on
    };
    std::vector<image::Rgb8Image> sample(learn::Learner& learner) const;
    void judge(const std::vector<image::Rgb8Image>& images, run::Measures& measures) const;

    sampling::PromptTable m_prompts;  // of the evaluation set
    std::vector<Item> m_items;
    std::unique_ptr<models::ClipModel> m_judge;
    at::Tensor m_judgeTexts;  // [candidates, P]; row i belongs to m_prompts.texts[i] for the first rows
};

}  // namespace rlcm::train
