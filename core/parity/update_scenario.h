#pragma once
// One scenario of an update fixture, run through our loss, gradient and optimiser beside the stored results.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/parity/gauge.h"
#include "core/parity/update_round.h"
#include "core/rl/optimizer.h"
#include "core/run/measures.h"

namespace rlcm::parity {

/// One forward pass: which sample at which time step, row by row.
struct Batch {
    std::vector<std::int64_t> samples, steps;
};

/// Runs in the dtype of its round: f32 is compared with the library's results, f64 with the independent
/// computation.
class Scenario {
public:
    /// `folder` holds steps.json. `round` must outlive the scenario. throws: Io, Format.
    Scenario(const Round& round, const std::filesystem::path& folder, const Tolerances& tolerances);
    /// Runs at most `optimizerSteps` steps of ours beside the stored ones.
    void run(std::size_t optimizerSteps, Report& report);
    /// Feeds the stored gradients to our optimiser.
    void runOptimizerAlone(Report& report) const;

private:
    void compareBatch(const Json& expected, const Batch& batch, const at::Tensor& logProb, const run::Measures& measures, const std::string& where);
    at::Tensor accumulate(std::span<const std::vector<Batch>> group, const Json& expected, const std::string& where);
    void compareParameters(std::size_t step, const std::string& where);

    const Round& m_round;
    const bool m_isDouble;
    const Json m_json;
    const data::SafetensorsFile m_expected;
    const std::string m_prefix, m_suffix;
    nn::LoraAdapter m_adapter;
    rl::Adam m_adam;
    const double m_rate;
    const Tolerances m_tolerances;
    at::Tensor m_oldLogProb, m_advantages;
    Gauge m_order{m_prefix + "order of the data", 0, Gauge::Measure::Exact};
    Gauge m_logProb{m_prefix + "log_prob", m_tolerances.logProb};
    Gauge m_ratio{m_prefix + "ratio", m_tolerances.logProb};
    Gauge m_loss{m_prefix + "loss / largest advantage", m_tolerances.logProb};
    Gauge m_kl{m_prefix + "approx_kl / largest change", m_tolerances.logProb};
    Gauge m_clipFraction{m_prefix + "clip fraction", 1e-6};
    Gauge m_gradient{m_prefix + "gradient", m_tolerances.gradient, Gauge::Measure::Relative};
    Gauge m_norm{m_prefix + "gradient norm", m_tolerances.gradient, Gauge::Measure::Relative};
    Gauge m_clipped{m_prefix + "clipped gradient", m_tolerances.gradient, Gauge::Measure::Relative};
    Gauge m_parameter{m_prefix + "parameters / (2.2 lr steps)", 1.0};
    Gauge m_far{m_prefix + "share of parameters beyond 1e-5", m_tolerances.farFraction};
};

}  // namespace rlcm::parity
