#pragma once
// One run's models and learner state, and one training round over them. The trainer adds epochs, events and files; the
// benchmark runs rounds alone.
#include <memory>
#include <optional>
#include <vector>

#include "core/data/prompt_set.h"
#include "core/nn/lora.h"
#include "core/rl/advantages.h"
#include "core/rl/optimizer.h"
#include "core/run/memory_estimate.h"
#include "core/run/run_config.h"
#include "core/run/run_event.h"
#include "core/learn/evaluator.h"
#include "core/sampling/gate.h"
#include "core/learn/improve.h"
#include "core/learn/rollout.h"

namespace rlcm::learn {

/// What one round did.
struct RoundResult {
    std::vector<run::TrainingImage> images;  ///< in sample order
    std::vector<std::pair<std::string, std::vector<double>>> terms;
    UpdateStats update;
    double sampleSeconds = 0, decodeSeconds = 0, rewardSeconds = 0;
    std::int64_t denoiserEvaluations = 0;  ///< rows that went through the UNet
    std::int64_t nominalDenoiserEvaluations = 0;  ///< as the published algorithm counts: sampled and trained rows
    std::optional<double> replayDeviation;        ///< in the first round of a process
};

/// thread: trainer only, except where a member says otherwise.
class Learner {
public:
    /// Loads models and prompts, makes adapter and optimiser; `kept` is merged into the frozen network. `isStopped` ends the wait for
    /// a reward's server. throws: Config, Io, Format, Device, Reward.
    explicit Learner(const run::RunConfig& config, models::LoraModules kept = {}, const rewards::StopQuery& isStopped = {});

    /// Sample, score, normalise, improve. throws: Cancelled, Reward, Numeric.
    RoundResult round(std::int64_t epoch, std::int64_t roundIndex, double learningRate, sampling::Gate& gate, const std::function<void()>& tick);
    /// Fills an evaluation event with the current weights. throws: as Evaluator::evaluate.
    void evaluate(sampling::Gate& gate, const std::function<void()>& tick, run::EvaluationDone& event);

    /// Denoiser-row units of work in one round, as Gate::addWork counts them.
    double workPerRound() const;
    nn::LoraAdapter& lora() { return *m_lora; }
    const models::LoraModules& kept() const { return m_kept; }
    rl::Adam& optimizer() { return *m_optimizer; }
    rewards::RewardPool& rewards() { return m_rewards; }
    rl::PerPromptStatistics& statistics() { return m_statistics; }
    std::int64_t evaluationImages() const { return m_evaluator.images(); }
    /// Compute threads at work. thread: any.
    int busyWorkers() const { return m_workers.busy(); }
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
    std::vector<double> advantages(const Rollouts& round, const std::vector<std::size_t>& sampleOrder);

    run::RunConfig m_config;
    models::LoraModules m_kept;
    at::Device m_device;
    models::Pipeline m_pipeline;
    std::unique_ptr<diffusion::Policy> m_policy;
    sampling::Denoiser m_denoiser;
    data::PromptList m_promptList;
    sampling::PromptTable m_prompts;
    std::unique_ptr<nn::LoraAdapter> m_lora;
    std::unique_ptr<rl::Adam> m_optimizer;
    rl::PerPromptStatistics m_statistics;
    rewards::RewardPool m_rewards;
    Evaluator m_evaluator;
    sampling::WorkerPool m_workers;
    CollectorParts m_parts;
    RoundPlan m_plan;
    std::int64_t m_rowsPerCall = 32;
    double m_lossScale = 1.0;
    std::string m_planText;
    bool m_isCheckpointed = false;
    bool m_isReplayChecked = false;
};

}  // namespace rlcm::learn
