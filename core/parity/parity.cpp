#include "core/parity/parity.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/parity/gauge.h"

namespace rlcm::parity {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kKinds{"unet_sd",      "unet_lcm",      "unet_odd",       "unet_sdxl",  "unet_asymmetric", "vae",         "clip_text",
                                      "clip_vision",  "clip_model",    "aesthetic",      "lora",       "schedulers",      "rlcm_update", "ddpo_update",
                                      "stat_tracker", "tokenizer_toy", "tokenizer_clip", "jpeg_sizes", "resize",          "safetensors", "scalars",
                                      "statistics",   "measures",      "rules"};

bool isOneOf(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string listOfKinds() {
    std::string text;
    for (const std::string& kind : kKinds) {
        text += (text.empty() ? "" : ", ") + kind;
    }
    return text;
}

bool namesKind(const std::string& part) {
    return isOneOf(kKinds, part) || part.starts_with("unet_") || part.starts_with("tokenizer_") || part.ends_with("_update");
}

/// The nearest component of the path that names a kind. throws: Config.
std::string kindOf(const fs::path& folder) {
    for (fs::path at = folder; at.has_relative_path(); at = at.parent_path()) {
        const std::string part = at.filename().string();
        if (namesKind(part)) {
            return part;
        }
    }
    throw Error(ErrorKind::Config, "no part of " + folder.string() + " names a kind of fixture; known are " + listOfKinds());
}

Report dispatch(const std::string& kind, const fs::path& folder, const Arithmetic& on) {
    if (kind.starts_with("unet_")) {
        return runUNet(folder, on);
    }
    if (kind.starts_with("tokenizer_")) {
        return runTokenizer(folder);
    }
    if (kind.ends_with("_update")) {
        return runUpdate(folder, on.device);
    }
    if (kind == "vae") {
        return runVae(folder, on);
    }
    if (kind == "clip_text") {
        return runClipText(folder, on);
    }
    if (kind == "clip_vision") {
        return runClipVision(folder, on);
    }
    if (kind == "clip_model") {
        return runClipModel(folder, on);
    }
    if (kind == "aesthetic") {
        return runAesthetic(folder);
    }
    if (kind == "lora") {
        return runLora(folder, on.device);
    }
    if (kind == "schedulers") {
        return runSchedulers(folder);
    }
    if (kind == "scalars") {
        return runScalars(folder);
    }
    if (kind == "rules") {
        return runRules(folder);
    }
    if (kind == "measures") {
        return runMeasures(folder);
    }
    if (kind == "statistics") {
        return runStatistics(folder);
    }
    if (kind == "stat_tracker") {
        return runStatTracker(folder);
    }
    if (kind == "jpeg_sizes") {
        return runJpegSizes(folder);
    }
    if (kind == "resize") {
        return runResize(folder);
    }
    return runSafetensors(folder);
}

}  // namespace

bool Report::passed() const {
    return !quantities.empty() && std::all_of(quantities.begin(), quantities.end(), [](const Quantity& q) { return q.passed; });
}

bool isNetwork(const std::string& kind) {
    return kind.starts_with("unet_") || isOneOf({"vae", "clip_text", "clip_vision", "clip_model"}, kind);
}

std::vector<std::string> kinds() {
    return kKinds;
}

Report runFixture(const fs::path& folder, const Arithmetic& on) {
    // Without the trailing slash of "golden/vae/", whose last component would be empty.
    fs::path place = fs::absolute(folder).lexically_normal();
    if (!place.has_filename()) {
        place = place.parent_path();
    }
    const std::string kind = kindOf(place);
    if (on.dtype != at::kFloat && !isNetwork(kind)) {
        throw Error(ErrorKind::Config, "fixtures of kind " + kind + " are compared in fp32 only: " + place.string());
    }
    if (!fs::is_directory(place)) {
        throw Error(ErrorKind::Io, "there is no fixture folder " + place.string());
    }
    try {
        Report report = dispatch(kind, place, on);
        report.kind = kind;
        report.folder = place;
        return report;
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, "the fixture " + place.string() + " is broken: " + problem.what());
    }
}

Quantity compare(std::string name, const at::Tensor& ours, const at::Tensor& expected, double atol) {
    Gauge gauge(std::move(name), atol);
    gauge.add(ours, expected);
    return gauge.result();
}

}  // namespace rlcm::parity
