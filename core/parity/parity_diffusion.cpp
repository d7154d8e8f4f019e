// Schedules, timesteps and step sequences against golden/schedulers.
#include "core/parity/parity.h"

#include <map>
#include <set>

#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/diffusion/policy.h"
#include "core/parity/gauge.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

using Measure = Gauge::Measure;

// f64 recursions repeat the same formulas: only the order of operations differs, over at most 50 steps.
constexpr double kDoubleTolerance = 1e-10;

/// Largest difference per quantity of the sequences, for one dtype.
class SequenceGauges {
public:
    SequenceGauges(std::string family, std::string suffix, const Json* tolerances)
        : m_family(std::move(family)), m_suffix(std::move(suffix)), m_tolerances(tolerances) {}
    void add(const std::string& quantity, const at::Tensor& ours, const at::Tensor& expected, const std::string& where) {
        const std::string name = m_family + " " + quantity;
        const double tolerance = m_tolerances == nullptr ? kDoubleTolerance : m_tolerances->at(name).get<double>();
        m_gauges.try_emplace(quantity, name + m_suffix, tolerance).first->second.add(ours, expected, where);
    }
    void report(Report& report) const {
        for (const auto& [quantity, gauge] : m_gauges) {
            report.quantities.push_back(gauge.result());
        }
    }

private:
    std::string m_family, m_suffix;
    const Json* m_tolerances;  // null: f64
    std::map<std::string, Gauge> m_gauges;
};

void compareTables(const std::filesystem::path& folder, const Json& tolerances, Report& report) {
    const data::SafetensorsFile file(folder / "tables.safetensors");
    const at::Tensor alphaBar = file.tensor("alphas_cumprod_f64");
    const diffusion::NoiseSchedule schedule(alphaBar.size(0));
    std::vector<double> ours, skip, out;
    for (std::int64_t t = 0; t < schedule.trainSteps(); ++t) {
        ours.push_back(schedule.alphaBar(t));
        const diffusion::LcmBoundary boundary = diffusion::lcmBoundary(static_cast<double>(t));
        skip.push_back(boundary.skip);
        out.push_back(boundary.out);
    }
    const auto elementwise = [&](const std::string& name, double tolerance, const std::vector<double>& values, const std::string& key) {
        const at::Tensor expected = file.tensor(key).to(at::kDouble);
        const at::Tensor relative = (at::tensor(values, at::kDouble) - expected).abs() / expected.abs().clamp_min(1e-300);
        Gauge gauge(name, tolerance, Measure::Relative);
        gauge.addMeasured(relative.max().item<double>(), key);
        report.quantities.push_back(gauge.result());
    };
    elementwise("alphas_cumprod (relative)", tolerances.at("alphas_cumprod (relative)").get<double>(), ours, "alphas_cumprod");
    elementwise("alphas_cumprod f64", 1e-13, ours, "alphas_cumprod_f64");
    elementwise("c_skip f64", 1e-13, skip, "c_skip_f64");
    elementwise("c_out f64", 1e-13, out, "c_out_f64");
}

void compareTimesteps(const std::filesystem::path& folder, Report& report) {
    using diffusion::TimestepRule;
    const Json lists = readJsonFile(folder / "timesteps.json");
    Gauge lcm("lcm timesteps", 0, Measure::Exact);
    Gauge ddim("ddim timesteps", 0, Measure::Exact);
    const auto check = [](Gauge& gauge, const std::vector<std::int64_t>& ours, const Json& expected, const std::string& where) {
        gauge.add(at::tensor(ours, at::kLong), at::tensor(expected.get<std::vector<std::int64_t>>(), at::kLong), where);
    };
    for (const auto& [rule, byCount] : lists.at("lcm").items()) {
        const TimestepRule kind = rule == "rlcm" ? TimestepRule::Rlcm : TimestepRule::Diffusers;
        for (const auto& [count, expected] : byCount.items()) {
            check(lcm, diffusion::lcmTimesteps(std::stoll(count), kind), expected, rule + " n=" + count);
        }
    }
    for (const auto& [original, byCount] : lists.at("lcm_diffusers_rule_other_original_inference_steps").items()) {
        for (const auto& [count, expected] : byCount.items()) {
            check(lcm, diffusion::lcmTimesteps(std::stoll(count), TimestepRule::Diffusers, std::stoll(original)), expected,
                  "original " + original + " n=" + count);
        }
    }
    for (const auto& [count, expected] : lists.at("ddim_leading_offset_1").items()) {
        check(ddim, diffusion::ddimTimesteps(std::stoll(count)), expected, "n=" + count);
    }
    report.quantities.push_back(lcm.result());
    report.quantities.push_back(ddim.result());
}

/// Names of the tensors of one sequence in a file: what it is made from, what comes out, and what the latter end in.
struct SequenceNames {
    std::string inputs, results, suffix;
};

/// Rolls `policy` out over the stored predictions and noises, and compares every step with the results.
void compareSequence(const data::SafetensorsFile& file, const diffusion::Policy& policy, const SequenceNames& names, SequenceGauges& gauges) {
    const auto& [inputs, results, suffix] = names;
    const auto dtype = suffix.empty() ? at::kFloat : at::kDouble;
    const auto expected = [&](const char* quantity) { return file.tensor(results + "." + quantity + suffix); };
    const bool hasClean = !file.contains(results + ".denoised" + suffix);  // DDIM: our "denoised" is its x0
    const bool hasLogProb = file.contains(results + ".log_prob" + suffix);
    at::Tensor x = expected("sample")[0];
    for (std::int64_t i = 0; i < policy.steps(); ++i) {
        const at::Tensor eps = file.tensor(inputs + ".eps")[i].to(dtype);
        const at::Tensor noise = file.tensor(inputs + ".noise")[i].to(dtype);
        const std::string where = results + " step " + std::to_string(i);
        gauges.add("sample", x, expected("sample")[i], where);
        const diffusion::Transition transition = policy.transition(at::scalar_tensor(i, at::kLong), x, eps);
        const at::Tensor next = i < policy.stochasticSteps() ? transition.mean + transition.std * noise : policy.deterministicNext(transition);
        gauges.add(hasClean ? "x0" : "denoised", transition.denoised, expected(hasClean ? "x0" : "denoised")[i], where);
        gauges.add("mean", transition.mean, expected("mean")[i], where);
        gauges.add("std", transition.std, expected("std")[i].expand(transition.std.sizes()), where);
        gauges.add("prev_sample", next, expected("prev_sample")[i], where);
        if (hasLogProb) {
            const at::Tensor logProb = diffusion::logProbPerElement(next, transition.mean, transition.std);
            gauges.add("log_prob", logProb, expected("log_prob")[i], where);
        }
        x = next;
    }
}

/// The part of each tensor name before `ending`, each once.
std::set<std::string> groupsWith(const data::SafetensorsFile& file, const std::string& ending) {
    std::set<std::string> groups;
    for (const auto& [name, entry] : file.entries()) {
        if (name.ends_with(ending)) {
            groups.insert(name.substr(0, name.size() - ending.size()));
        }
    }
    return groups;
}

void compareLcm(const std::filesystem::path& folder, const Json& tolerances, Report& report) {
    const data::SafetensorsFile file(folder / "lcm.safetensors");
    SequenceGauges single("lcm", "", &tolerances), twice("lcm", " f64", nullptr);
    for (const std::string& group : groupsWith(file, ".eps")) {
        for (const std::string rule : {"rlcm", "diffusers"}) {
            const diffusion::LcmOptions options{.steps = file.tensor(group + ".timesteps").numel(),
                                                .rule = group.starts_with("rule_rlcm") ? diffusion::TimestepRule::Rlcm : diffusion::TimestepRule::Diffusers,
                                                .lastStep = rule == "rlcm" ? diffusion::LastStep::Faithful : diffusion::LastStep::Deterministic};
            const auto policy = diffusion::makeLcmPolicy(diffusion::NoiseSchedule(), options, at::kCPU);
            compareSequence(file, *policy, {group, group + ".noise_" + rule, ""}, single);
            compareSequence(file, *policy, {group, group + ".noise_" + rule, "_f64"}, twice);
        }
    }
    single.report(report);
    twice.report(report);
}

void compareDdim(const std::filesystem::path& folder, const Json& tolerances, Report& report) {
    const data::SafetensorsFile file(folder / "ddim.safetensors");
    SequenceGauges single("ddim", "", &tolerances), twice("ddim", " f64", nullptr);
    for (const std::string& group : groupsWith(file, ".eps")) {
        const diffusion::DdimOptions options{.steps = file.tensor(group + ".timesteps").numel(), .eta = std::stod(group.substr(3, group.find('.') - 3))};
        const auto policy = diffusion::makeDdimPolicy(diffusion::NoiseSchedule(), options, at::kCPU);
        compareSequence(file, *policy, {group, group, ""}, single);
        compareSequence(file, *policy, {group, group, "_f64"}, twice);
    }
    single.report(report);
    twice.report(report);
}

void compareGuidance(const std::filesystem::path& folder, const Json& tolerances, Report& report) {
    const data::SafetensorsFile file(folder / "embeddings.safetensors");
    // Not tighter for f32: the reference's own float32 value depends on the processor, by a step of a phase
    // of 14000 radians.
    const double tolerance = tolerances.at("guidance embedding").get<double>();
    Gauge single("guidance embedding", tolerance), exact("guidance embedding f64", tolerance);
    for (const std::string& group : groupsWith(file, ".w")) {
        const at::Tensor scales = file.tensor(group + ".w").to(at::kDouble) + 1.0;
        for (std::int64_t i = 0; i < scales.numel(); ++i) {
            const std::int64_t dim = file.tensor(group + ".embedding").size(1);
            const at::Tensor ours = diffusion::guidanceEmbedding(scales[i].item<double>(), dim)[0];
            const std::string where = group + " row " + std::to_string(i);
            single.add(ours, file.tensor(group + ".embedding")[i], where);
            exact.add(ours, file.tensor(group + ".embedding_f64")[i], where);
        }
    }
    report.quantities.push_back(single.result());
    report.quantities.push_back(exact.result());
}

}  // namespace

Report runSchedulers(const std::filesystem::path& folder) {
    const at::NoGradGuard noGrad;
    Report report{.kind = "schedulers", .folder = folder, .quantities = {}};
    const Json tolerances = readJsonFile(folder / "expected.json").at("tolerance");
    compareTables(folder, tolerances, report);
    compareTimesteps(folder, report);
    compareLcm(folder, tolerances, report);
    compareDdim(folder, tolerances, report);
    compareGuidance(folder, tolerances, report);
    return report;
}

}  // namespace rlcm::parity
