#include "core/parity/update_scenario.h"

#include <algorithm>

#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

using Index = std::vector<std::int64_t>;

at::Tensor f64(const Json& list) {
    return at::tensor(list.get<std::vector<double>>(), at::kDouble);
}

rl::AdamOptions adamOptions(const Json& optimizer) {
    return {.isAdamW = optimizer.at("name") == "AdamW",
            .beta1 = optimizer.at("betas").at(0).get<double>(),
            .beta2 = optimizer.at("betas").at(1).get<double>(),
            .epsilon = optimizer.at("eps").get<double>(),
            .weightDecay = optimizer.at("weight_decay").get<double>()};
}

/// ||ours - expected|| / ||expected||
double relativeNorm(const at::Tensor& ours, const at::Tensor& expected) {
    const at::Tensor a = ours.to(at::kCPU, at::kDouble), b = expected.to(at::kCPU, at::kDouble);
    return ((a - b).norm() / b.norm()).item<double>();
}

/// Passes of a scenario as one list of minibatches, each a list of H batches.
std::vector<std::vector<Batch>> minibatches(const Json& scenario, std::size_t size, std::size_t horizon) {
    std::vector<std::vector<Batch>> result;
    for (const Json& pass : scenario.at("passes")) {
        const auto order = pass.at("sample_permutation").get<Index>();
        const auto times = pass.at("time_permutations").get<std::vector<Index>>();
        for (std::size_t begin = 0; begin + size <= order.size(); begin += size) {
            std::vector<Batch> batches(horizon);
            for (std::size_t j = 0; j < horizon; ++j) {
                for (std::size_t k = begin; k < begin + size; ++k) {
                    batches[j].samples.push_back(order[k]);
                    batches[j].steps.push_back(times[k].at(j));
                }
            }
            result.push_back(std::move(batches));
        }
    }
    return result;
}

}  // namespace

Scenario::Scenario(const Round& round, const std::filesystem::path& folder, const Tolerances& tolerances)
    : m_round(round),
      m_isDouble(round.dtype() == at::kDouble),
      m_json(readJsonFile(folder / "steps.json")),
      m_expected(folder / (m_isDouble ? "expected_f64.safetensors" : "expected_f32.safetensors")),
      m_prefix(folder.filename().string() + (m_isDouble ? ", f64: " : ": ")),
      m_suffix(m_isDouble ? "_f64" : ""),
      m_adapter(round.adapter()),
      m_adam(m_adapter.parameters(), adamOptions(round.setup().at("optimizer"))),
      m_rate(round.setup().at("optimizer").at("lr").get<double>()),
      m_tolerances(tolerances) {
    const at::Tensor perturbation = m_json.at("old_log_prob").get<std::string>().find("perturbation") != std::string::npos
                                        ? round.stored("old_log_prob_perturbation")
                                        : at::zeros({}, at::TensorOptions(round.dtype()).device(round.device()));
    m_oldLogProb = round.stored(m_isDouble ? "log_probs_f64" : "log_probs_sampled") + perturbation;
    m_advantages = f64(m_json.at("advantages")).to(round.device(), round.dtype());
}

void Scenario::compareBatch(const Json& expected, const Batch& batch, const at::Tensor& logProb, const run::Measures& measures, const std::string& where) {
    const at::Tensor samples = at::tensor(batch.samples, at::kLong), steps = at::tensor(batch.steps, at::kLong);
    m_order.add(samples, at::tensor(expected.at("samples").get<Index>(), at::kLong), where);
    m_order.add(steps, at::tensor(expected.at("steps").get<Index>(), at::kLong), where);
    const at::Tensor old = m_oldLogProb.index({samples.to(m_round.device()), steps.to(m_round.device())});
    m_logProb.add(logProb, f64(expected.at("log_prob" + m_suffix)), where);
    const at::Tensor ratio = f64(expected.at("ratio" + m_suffix));
    m_ratio.add((logProb - old).exp(), ratio, where);
    const double largest = std::max(1e-12, m_advantages.abs().max().item<double>());
    m_loss.add(measures.value(run::measure::kLoss) / largest, expected.at("loss" + m_suffix).get<double>() / largest, where);
    // An error d of the change c moves the divergence by about c d.
    const double change = ratio.log().abs().max().item<double>() + m_tolerances.logProb;
    m_kl.add(measures.value(run::measure::kApproxKl) / change, expected.at("approx_kl" + m_suffix).get<double>() / change, where);
    m_clipFraction.add(measures.value(run::measure::kClipFraction), expected.at("clip_fraction" + m_suffix).get<double>(), where);
}

at::Tensor Scenario::accumulate(std::span<const std::vector<Batch>> group, const Json& expected, const std::string& where) {
    const rl::ClippedObjective objective(
        {.rangePerElement = m_round.setup().at("clip_range").get<double>(), .advantage = m_round.setup().at("adv_clip_max").get<double>()});
    const tensor::GradMode grad(true);
    const std::vector<nn::MergedProjection> merged = m_adapter.merged();
    at::Tensor sum = at::zeros_like(m_adapter.parameters());
    std::size_t entry = 0;
    for (const std::vector<Batch>& minibatch : group) {
        for (const Batch& batch : minibatch) {
            const at::Tensor rows = at::tensor(batch.samples, at::kLong).to(m_round.device());
            const at::Tensor steps = at::tensor(batch.steps, at::kLong).to(m_round.device());
            std::vector<at::Tensor> leaves;
            const rl::Scored scored{m_round.scorer().logProb(m_round.transitions(rows, steps), m_adapter.withLeaves(merged, leaves)),
                                    m_oldLogProb.index({rows, steps}), m_advantages.index_select(0, rows)};
            const double share = 1.0 / static_cast<double>(group.size() * minibatch.size());
            run::Measures measures;
            sum.add_(m_adapter.gradient(learn::lossGradient(objective, scored, {.share = share}, leaves, measures)));
            const std::string place = where + " batch " + std::to_string(entry);
            compareBatch(expected.at("minibatch_steps").at(entry++), batch, scored.logProb.detach(), measures, place);
        }
    }
    return sum;
}

void Scenario::compareParameters(std::size_t step, const std::string& where) {
    const at::Tensor expected = m_expected.tensor("step" + std::to_string(step) + ".param").to(at::kDouble);
    const at::Tensor difference = (m_adapter.parameters().to(at::kCPU, at::kDouble) - expected).abs();
    // Adam divides by the size of the gradient: an element whose gradient is near zero may step the other
    // way.
    m_parameter.addMeasured(difference.max().item<double>() / (2.2 * m_rate * static_cast<double>(step + 1)), where);
    m_far.addMeasured((difference > 1e-5).to(at::kDouble).mean().item<double>(), where);
}

void Scenario::run(std::size_t optimizerSteps, Report& report) {
    const auto size = m_round.setup().at("train_batch_size").get<std::size_t>();
    const auto all = minibatches(m_json, size, static_cast<std::size_t>(m_round.policy().steps()));
    const auto perStep = m_json.at("gradient_accumulation").get<std::size_t>();
    const Json& expectedSteps = m_json.at("optimizer_steps");
    for (std::size_t i = 0; i < std::min(optimizerSteps, expectedSteps.size()); ++i) {
        const std::string where = "optimizer step " + std::to_string(i), name = "step" + std::to_string(i);
        const auto group = std::span(all).subspan(i * perStep, perStep);
        at::Tensor gradient = accumulate(group, expectedSteps.at(i), where);
        m_gradient.addMeasured(relativeNorm(gradient, m_expected.tensor(name + ".grad")), where);
        const double norm = rl::clipGradientNorm(gradient, m_round.setup().at("max_grad_norm").get<double>());
        m_norm.add(norm, expectedSteps.at(i).at("grad_norm" + m_suffix).get<double>(), where);
        const double coefficient = expectedSteps.at(i).at("clip_coefficient" + m_suffix).get<double>();
        m_clipped.addMeasured(relativeNorm(gradient, m_expected.tensor(name + ".grad") * coefficient), where);
        m_adam.step(gradient, m_rate);
        if (!m_isDouble) {
            compareParameters(i, where);
        }
    }
    std::vector<const Gauge*> gauges{&m_order, &m_logProb, &m_ratio, &m_loss, &m_kl, &m_clipFraction, &m_gradient, &m_norm, &m_clipped};
    if (!m_isDouble) {
        gauges.insert(gauges.end(), {&m_parameter, &m_far});
    }
    for (const Gauge* gauge : gauges) {
        report.quantities.push_back(gauge->result());
    }
}

void Scenario::runOptimizerAlone(Report& report) const {
    const nn::LoraAdapter start = m_round.adapter();
    const at::Tensor parameters = start.parameters();
    rl::Adam adam(parameters, adamOptions(m_round.setup().at("optimizer")));
    Gauge alone(m_prefix + "optimizer fed with stored gradients", 1e-6);
    Gauge moments(m_prefix + "optimizer moments", 1e-6, Gauge::Measure::Relative);
    for (std::size_t i = 0; i < m_json.at("optimizer_steps").size(); ++i) {
        const std::string name = "step" + std::to_string(i);
        const std::string gradient = m_expected.contains(name + ".clipped") ? ".clipped" : ".grad";
        adam.step(m_expected.tensor(name + gradient).to(parameters.options()), m_rate);
        alone.add(parameters, m_expected.tensor(name + ".param"), name);
        if (m_expected.contains(name + ".exp_avg")) {
            moments.add(adam.firstMoment(), m_expected.tensor(name + ".exp_avg"), name);
            moments.add(adam.secondMoment(), m_expected.tensor(name + ".exp_avg_sq"), name);
            report.quantities.push_back(moments.result());
        }
    }
    report.quantities.push_back(alone.result());
}

}  // namespace rlcm::parity
