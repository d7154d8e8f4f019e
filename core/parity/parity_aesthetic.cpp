// Fixture of the aesthetic head: both kinds of files, scores, the collapse into one vector, and files to refuse.
#include <algorithm>

#include "core/base/error.h"
#include "core/data/pth_reader.h"
#include "core/data/safetensors.h"
#include "core/models/score_head.h"
#include "core/parity/gauge.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

namespace fs = std::filesystem;

// From the fixture's README: the reference's own float32 error is 6e-7 on scores of order 5.
constexpr double kScoreTolerance = 1e-5;
constexpr double kCollapseTolerance = 1e-12;
constexpr double kUnitTolerance = 1e-6;

void checkHead(const fs::path& folder, const std::string& name, const data::SafetensorsFile& io, Report& report) {
    const auto head = models::ScoreHead::load(folder / ("head_" + name + ".safetensors"));
    const auto stored = [&](const char* tensor) { return io.tensor(name + "." + tensor); };
    const at::Tensor embeddings = stored("embeddings"), unit = stored("normalised"), expected = stored("scores_f64");
    report.quantities.push_back(compare(name + " normalised", embeddings / embeddings.norm(2, {-1}, true), unit, kUnitTolerance));
    report.quantities.push_back(compare(name + " scores", head.score(unit), expected, kScoreTolerance));

    const models::ScoreHead::Affine collapsed = head.collapsed();
    Gauge weight(name + " collapsed weight", kCollapseTolerance, Gauge::Measure::Relative);
    weight.add(collapsed.weight, stored("collapsed_weight_f64"));
    report.quantities.push_back(weight.result());
    Gauge bias(name + " collapsed bias", kCollapseTolerance, Gauge::Measure::Relative);
    bias.add(collapsed.bias, stored("collapsed_bias_f64").item<double>());
    report.quantities.push_back(bias.result());

    const auto single = models::ScoreHead::fromTensors({{"weight", collapsed.weight.unsqueeze(0)}, {"bias", at::scalar_tensor(collapsed.bias, at::kDouble)}},
                                                       name + " collapsed");
    report.quantities.push_back(compare(name + " scores of the collapsed head", single.score(unit), expected, kScoreTolerance));
}

/// The .pth files hold the numbers of head_small.safetensors, one of them in half precision.
void checkPickles(const fs::path& folder, Report& report) {
    const data::SafetensorsFile small(folder / "head_small.safetensors");
    for (const auto& [file, dtype] : {std::pair{"head_small.pth", at::kFloat}, std::pair{"head_small_half.pth", at::kHalf}}) {
        Gauge gauge(file, 0, Gauge::Measure::Exact);
        const data::NamedTensors tensors = data::readPth(folder / file);
        for (const auto& [name, values] : tensors) {
            if (values.scalar_type() != dtype || !small.contains(name)) {
                gauge.fail("tensor " + name + " is not there, or in another dtype");
            } else {
                gauge.add(values, small.tensor(name).to(dtype), name);
            }
        }
        if (tensors.size() != small.entries().size()) {
            gauge.fail(std::to_string(tensors.size()) + " tensors");
        }
        report.quantities.push_back(gauge.result());
    }
}

/// `reason` must be part of the message.
void checkRefused(const fs::path& folder, const std::string& file, const std::string& reason, Report& report) {
    Gauge gauge(file + " refused", 0, Gauge::Measure::Exact);
    try {
        models::ScoreHead::load(folder / file);
        gauge.fail("it was accepted");
    } catch (const Error& refused) {
        if (std::string(refused.what()).find(reason) == std::string::npos) {
            gauge.fail(std::string("not for its reason: ") + refused.what());
        } else {
            gauge.addMeasured(0);
        }
    }
    report.quantities.push_back(gauge.result());
}

}  // namespace

Report runAesthetic(const fs::path& folder) {
    Report report;
    const data::SafetensorsFile io(folder / "io.safetensors");
    checkHead(folder, "full", io, report);
    checkHead(folder, "small", io, report);
    checkPickles(folder, report);
    checkRefused(folder, "head_small_legacy.pth", "legacy", report);
    checkRefused(folder, "refuse_function_call.pth", "__builtin__.print", report);
    checkRefused(folder, "refuse_module.pth", "torch.nn.modules.linear.Linear", report);
    return report;
}

}  // namespace rlcm::parity
