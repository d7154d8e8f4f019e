#pragma once
// One run's learner state, and one training round over it. The trainer adds epochs, events and files; the
// benchmark runs rounds alone.
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/prompt_set.h"
#include "core/learn/improve.h"
#include "core/learn/memory_budget.h"
#include "core/learn/reward_ascent.h"
#include "core/learn/rollout.h"
#include "core/learn/waiting_rounds.h"
#include "core/models/lora_file.h"
#include "core/nn/lora.h"
#include "core/rl/advantage_rule.h"
#include "core/rl/objective.h"
#include "core/rl/optimizer.h"
#include "core/rl/suspicion.h"
#include "core/run/memory_estimate.h"
#include "core/run/run_config.h"
#include "core/run/run_event.h"
#include "core/sampling/sampler.h"
#include "core/sampling/session.h"

namespace rlcm::learn {

/// What one round did.
struct RoundResult {
    std::vector<run::TrainingImage> images;  ///< in sample order
    std::vector<std::pair<std::string, std::vector<double>>> terms;
    UpdateStats update;
    std::int64_t rewardQueries = 0;  ///< pictures that were scored
    double sampleSeconds = 0, decodeSeconds = 0, rewardSeconds = 0;
    std::int64_t denoiserEvaluations = 0;         ///< rows that went through the UNet
    std::int64_t nominalDenoiserEvaluations = 0;  ///< as the published algorithm counts: sampled and trained rows, and what the update rule asks besides
    std::optional<double> replayDeviation;        ///< in the first round of a process
    std::string note;                             ///< what is new about the memory, for the log
};

/// thread: trainer only.
class Learner {
public:
    /// Loads the prompts, makes adapter and optimiser over `pipeline`, whose network has `kept` merged in. Both `pipeline` and `session` must
    /// outlive it; a stop at the session's gate ends the wait for a reward's server. throws: Config, Io, Format, Device, Reward.
    Learner(const run::RunConfig& config, models::Pipeline& pipeline, models::LoraModules kept, sampling::Session& session);

    /// Goes on with another length, learning rate or clip range; whatever else differs is without effect.
    void edit(const run::TrainingConfig& training);
    /// Sample, score, normalise, improve. throws: Cancelled, Reward, Numeric.
    RoundResult round(RoundKey key, double learningRate);

    /// Denoiser-row units of work in one round, as Gate::addWork counts them.
    double workPerRound() const;
    nn::LoraAdapter& lora() { return *m_lora; }
    const nn::LoraAdapter& lora() const { return *m_lora; }
    const models::LoraModules& kept() const { return m_kept; }
    rewards::RewardPool& rewards() { return m_rewards; }
    /// Who judges the training images; nullptr: nobody.
    rewards::RewardPool* judges() { return m_judges.get(); }
    /// Copies of what the optimiser and the advantages remember; with the adapter's factors, everything that training changes.
    rl::LearnerState state() const;
    /// Goes on from there. throws: Format when the state lacks something.
    void restore(const rl::LearnerState& state);
    bool hasAverage() const { return m_average.has_value(); }
    /// Does something while the adapter holds the averaged weights; afterwards it holds, to the bit, what it did. hasAverage() must be so.
    void withAverage(const std::function<void()>& action);
    const sampling::Sampler& sampler() const { return m_sampler; }
    sampling::Session& session() { return m_session; }
    /// Images in one denoiser call.
    std::int64_t chunkImages() const { return m_plan.chunkImages; }
    /// The settings with what was chosen for them: threads, rows of a call, kept graph, checkpointing. With these, another process computes the same.
    run::RunConfig effectiveConfig() const;
    /// "graph kept for 32 images" or why not, and the chunk sizes: one line for the log.
    const std::string& planText() const { return m_planText; }
    /// What should be known of the training prompts: lines that were left out, repeats, prompts that are too long. For the log.
    std::vector<std::string> promptTexts() const;

private:
    /// Rows and checkpointing of the denoiser calls. throws: Config when compute.memory_gib is less than the smallest call needs.
    run::MemoryPlan planCalls() const;
    void planMemory();
    /// The plan of the next round: it keeps no graph while memory is short. `note` gets what that changes.
    RoundPlan nextPlan(std::string& note);
    /// The forecast before a run and the run itself count the same. throws: std::logic_error.
    void requireDerived() const;
    std::int64_t nominalEvaluationsPerRound() const;
    /// Of the update rule and what goes beside it.
    run::Needs needs() const;
    /// Images at a step that pass the network in a round before the updates that compare them.
    std::int64_t rowsBeforeUpdates() const;
    rl::Advantages advantages(const Rollouts& round, const std::vector<std::size_t>& sampleOrder, run::Measures& measures);
    /// Does something while the adapter holds other factors [P]; afterwards it holds, to the bit, what it did. Not while a graph is kept, which ends in them.
    void withFactors(const at::Tensor& factors, const std::function<void()>& action);
    /// Takes the policy as the reference in the epochs that begin with that.
    void resetReference(RoundKey key);
    void takeReference(const at::Tensor& factors);
    /// What the network runs with as the reference; empty where the objective does not ask.
    std::vector<nn::MergedProjection> referenceProjections() const;
    /// Says which images of a round are held near the reference, where not all are.
    void holdSuspicious(Rollouts& round, const std::vector<std::size_t>& sampleOrder, run::Measures& measures);
    bool rewardsArriveLater() const { return m_config.transform.kind == run::RewardTransform::Delayed; }
    /// The round whose rewards arrive now: this one, one that waited, or none.
    std::optional<Rollouts> rewardedRound(Rollouts round);
    /// Normalise, improve. Returns the advantages in the order of the samples.
    std::vector<double> learnFrom(Rollouts round, double learningRate, UpdateStats& update);

    run::RunConfig m_config;
    models::LoraModules m_kept;
    sampling::Session& m_session;
    models::Pipeline& m_pipeline;
    sampling::Sampler m_sampler;
    data::PromptList m_promptList;
    sampling::PromptTable m_prompts;
    std::unique_ptr<nn::LoraAdapter> m_lora;
    std::unique_ptr<rl::Adam> m_optimizer;
    std::optional<rl::Ema> m_average;
    at::Tensor m_reference;  // factors of the policy that the divergence is measured from; undefined: the model without its adapter
    std::vector<nn::MergedProjection> m_referenceProjections;  // with those factors
    std::unique_ptr<rl::Objective> m_objective;
    std::unique_ptr<rl::AdvantageRule> m_advantageRule;
    WaitingRounds m_waiting;
    rewards::RewardPool m_rewards;
    std::unique_ptr<rewards::RewardPool> m_judges;
    std::optional<rl::AdaptiveShare> m_heldShare;
    std::optional<RewardAscent> m_ascent;
    RoundParts m_parts;
    RoundPlan m_plan;
    GraphKeeping m_keeping;
    double m_lossScale = 1.0;
    std::string m_planText;
    bool m_isCheckpointed = false;
    bool m_isReplayChecked = false;
};

}  // namespace rlcm::learn
