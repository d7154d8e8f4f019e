// Whole optimisation rounds against golden/rlcm_update and golden/ddpo_update: the sampling, scoring, loss,
// gradient and optimiser code of a run, fed with the stored noise, trajectory and data order.
#include "core/parity/parity.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <numeric>
#include <stop_token>
#include <vector>

#include "core/parity/update_scenario.h"
#include "core/rl/advantages.h"
#include "core/run/run.h"
#include "core/sampling/trajectory.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

using Measure = Gauge::Measure;
using Index = std::vector<std::int64_t>;

void compareTracker(const Round& round, Report& report) {
    rl::PerPromptStatistics statistics(round.setup().at("stat_buffer_size").get<std::int64_t>(), round.setup().at("stat_min_count").get<std::int64_t>());
    statistics.restore(round.setup().at("tracker_before").get<std::map<std::string, std::deque<double>>>());
    const auto ours = statistics.update(round.setup().at("prompts").get<std::vector<std::string>>(), round.setup().at("rewards").get<std::vector<double>>());
    Gauge advantages("advantages", 1e-9);
    advantages.add(at::tensor(ours, at::kDouble), at::tensor(round.setup().at("advantages").get<std::vector<double>>(), at::kDouble));
    report.quantities.push_back(advantages.result());
    Gauge after("tracker after the round", 0, Measure::Exact);
    after.add(Json(statistics.buffers()) == round.setup().at("tracker_after") ? 0 : 1, 0);
    report.quantities.push_back(after.result());
}

/// Rolls out from the stored initial latents and noise with the start parameters.
void compareSampling(const Round& round, const Tolerances& tolerances, Report& report) {
    const tensor::GradMode noGrad(false);
    Gauge timesteps("timesteps", 0, Measure::Exact);
    const Index visited(round.policy().timesteps().begin(), round.policy().timesteps().end());
    timesteps.add(at::tensor(visited, at::kLong), round.stored("timesteps"));
    report.quantities.push_back(timesteps.result());
    if (round.isRlcm()) {
        // The bound of golden/schedulers: one float32 step of the largest phase is 1e-3 radians.
        Gauge guidance("guidance embedding", 5e-3);
        const at::Tensor stored = round.stored("timestep_cond");
        guidance.add(diffusion::guidanceEmbedding(round.setup().at("guidance_scale").get<double>(), stored.size(1)), stored);
        report.quantities.push_back(guidance.result());
    }

    // Rounding of one step is amplified by the next ones as it is in the gradient, so the same relative bound
    // serves.
    Gauge eps("sampling: eps", tolerances.gradient, Measure::Relative);
    Gauge denoised("sampling: denoised", tolerances.gradient, Measure::Relative);
    Gauge next("sampling: next_states", tolerances.gradient, Measure::Relative);
    Gauge logProb("sampling: log_probs_sampled", tolerances.logProb);
    const std::vector<nn::MergedProjection> weights = round.adapter().merged();
    const at::Tensor rows = at::arange(round.samples(), at::TensorOptions(at::kLong).device(round.device()));
    const auto column = [&](const char* name, std::int64_t i) { return round.stored(name).select(1, i); };
    const std::int64_t steps = round.policy().steps();
    std::vector<std::int64_t> all(static_cast<std::size_t>(steps));
    std::iota(all.begin(), all.end(), 0);
    const sampling::Noise noise{round.stored("initial_latents"), [&](std::int64_t step) { return column("noise", step); }};
    run::RunCommands commands;
    sampling::Gate gate(std::stop_token{}, commands);
    const sampling::Trajectory ours =
        sampling::sampleTrajectory(round.scorer().denoiser, round.policy(),
                                   {.noise = noise, .condition = round.condition(rows), .projections = weights, .scoredSteps = steps, .graphSteps = all}, gate);
    for (std::int64_t i = 0; i < steps; ++i) {
        const std::string where = "step " + std::to_string(i);
        const auto index = static_cast<std::size_t>(i);
        const diffusion::Transition transition = round.policy().transition(at::full_like(rows, i), ours.states[index], ours.predictions[index].detach());
        eps.add(ours.predictions[index].detach(), column("eps", i), where);
        denoised.add(transition.denoised, column(round.isRlcm() ? "denoised" : "x0", i), where);
        next.add(ours.states[index + 1], column("next_states", i), where);
        logProb.add(ours.logProbs[index], column("log_probs_sampled", i), where);
    }
    for (const Gauge* gauge : {&eps, &denoised, &next, &logProb}) {
        report.quantities.push_back(gauge->result());
    }
}

std::vector<std::filesystem::path> scenarioFolders(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> folders;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_directory() && std::filesystem::exists(entry.path() / "steps.json")) {
            folders.push_back(entry.path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

}  // namespace

Report runUpdate(const std::filesystem::path& folder, const at::Device& device) {
    const auto base = std::filesystem::absolute(folder).lexically_normal();
    const std::filesystem::path root = base.has_filename() ? base : base.parent_path();
    const Round round(root, at::kFloat, device);
    Report report{.kind = round.isRlcm() ? "rlcm_update" : "ddpo_update", .folder = folder, .quantities = {}};
    const Tolerances tolerances(readJsonFile(root / "expected.json").at("f32_vs_f64"));
    compareTracker(round, report);
    compareSampling(round, tolerances, report);
    for (const std::filesystem::path& scenario : scenarioFolders(root)) {
        Scenario ours(round, scenario, tolerances);
        ours.run(std::numeric_limits<std::size_t>::max(), report);
        ours.runOptimizerAlone(report);
    }
    // The same code in f64 up to the first gradient: rounding cannot hide a wrong formula there. What is left
    // is the factors' gradient, which is stored in f32.
    const Round exact(root, at::kDouble, device);
    Tolerances strict = tolerances;
    strict.logProb = 1e-6;
    strict.gradient = 1e-6;
    for (const std::filesystem::path& scenario : scenarioFolders(root)) {
        Scenario(exact, scenario, strict).run(1, report);
    }
    return report;
}

}  // namespace rlcm::parity
