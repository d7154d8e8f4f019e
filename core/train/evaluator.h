#pragma once
// The fixed evaluation set: the same prompts and noise for every run, epoch and horizon, so that images can be compared.
#include <memory>
#include <string>
#include <vector>

#include "core/learn/learner.h"
#include "core/models/clip.h"
#include "core/run/measures.h"
#include "core/run/run_event.h"
#include "core/train/judges.h"

namespace rlcm::train {

class Evaluator {
public:
    /// Chooses the prompts (evenly spread over the lists) and loads the judges; `isStopped` ends the wait for one that is a server.
    /// throws: Io, Format, Config, Reward.
    Evaluator(const run::RunConfig& config, const models::Pipeline& pipeline, at::Device device, const rewards::StopQuery& isStopped);

    std::int64_t images() const { return static_cast<std::int64_t>(m_items.size()); }
    /// Samples, scores and judges the whole set with the learner's current weights. Fills `scalars` and `images` of the event.
    /// throws: Cancelled, Reward, Numeric. thread: trainer.
    void evaluate(learn::Learner& learner, run::EvaluationDone& event);
    Judges& judges() { return m_judges; }

private:
    struct Item {
        std::int64_t prompt = 0;
        bool isHeldOut = false;
        std::uint64_t noise = 0;  ///< what its random numbers depend on
    };
    struct OtherSteps {
        std::int64_t steps = 0;
        std::unique_ptr<sampling::Sampler> sampler;
    };
    /// The set, drawn; how far its paths are from the model without its adapter goes to `distance`, when there is one.
    std::vector<image::Rgb8Image> sample(learn::Learner& learner, const sampling::Sampler& sampler, run::Measures* distance = nullptr) const;
    /// The set at the step counts of evaluation.steps: some measures of each, those of the horizon taken from `measures`.
    void addOtherSteps(learn::Learner& learner, run::Measures& measures) const;
    /// The set drawn with the averaged weights, where there are any: the same measures.
    void addAverage(learn::Learner& learner, run::Measures& measures) const;
    /// What is told of the set drawn another way; `where` is for a message.
    run::Measures look(learn::Learner& learner, const sampling::Sampler& sampler, const std::string& where) const;
    /// Cosine of every image with its own prompt.
    std::vector<double> recognise(const std::vector<image::Rgb8Image>& images, run::Measures& measures) const;
    std::vector<std::string> texts() const;

    sampling::PromptTable m_prompts;  // of the evaluation set
    std::vector<Item> m_items;
    std::vector<OtherSteps> m_otherSteps;  // without a sampler for the horizon itself
    std::unique_ptr<models::ClipModel> m_recogniser;
    at::Tensor m_candidates;  // [candidates, P] text embeddings; row i belongs to m_prompts.texts[i] for the first rows
    bool m_hasPathKl;
    std::int64_t m_pathKlEvery;
    Judges m_judges;
};

}  // namespace rlcm::train
