#include "core/figure/inference_times.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/run/derive.h"

namespace rlcm::figure {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;

Json toJson(const InferenceTime& time) {
    return {{"key", time.key},         {"median_ms", time.medianMs}, {"quarter_ms", time.quarterMs},  {"three_quarter_ms", time.threeQuarterMs},
            {"samples", time.samples}, {"batch", time.batch},        {"device", time.device},         {"dtype", time.dtype},
            {"load", time.load},       {"busy", time.isBusy},        {"measured_at", time.measuredAt}};
}

InferenceTime timeOf(const Json& json, const fs::path& file, std::size_t index) {
    const std::string where = file.string() + ": measurement " + std::to_string(index + 1);
    try {
        InferenceTime time{.key = json.at("key").get<std::string>(),
                           .medianMs = json.at("median_ms").get<double>(),
                           .quarterMs = json.at("quarter_ms").get<double>(),
                           .threeQuarterMs = json.at("three_quarter_ms").get<double>(),
                           .samples = json.at("samples").get<int>(),
                           .batch = json.at("batch").get<int>(),
                           .device = json.at("device").get<std::string>(),
                           .dtype = json.at("dtype").get<std::string>(),
                           .load = json.at("load").get<double>(),
                           .isBusy = json.at("busy").get<bool>(),
                           .measuredAt = json.at("measured_at").get<double>()};
        if (!(time.medianMs > 0) || !std::isfinite(time.medianMs)) {
            throw Error(ErrorKind::Format, where + " takes " + std::to_string(time.medianMs) + " ms; measure again");
        }
        return time;
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, where + " is damaged (" + problem.what() + "); remove the file and measure again");
    }
}

}  // namespace

std::string timingKey(const run::RunConfig& config) {
    return config.model.path + " " + std::string(toString(config.algorithm.method)) + " " + std::to_string(config.sampling.steps) + " x" +
           std::to_string(run::rowsPerStep(config)) + " " + std::string(toString(config.compute.dtype));
}

fs::path inferenceTimesFile(const fs::path& workspace) {
    return workspace / "inference.json";
}

std::vector<InferenceTime> readInferenceTimes(const fs::path& workspace) {
    const fs::path file = inferenceTimesFile(workspace);
    if (!fs::exists(file)) {
        return {};
    }
    const Json json = readJsonFile(file);
    if (!json.is_object() || json.value("version", 0) != kVersion || !json.contains("times") || !json.at("times").is_array()) {
        throw Error(ErrorKind::Format, file.string() + " is no list of times of version " + std::to_string(kVersion) + "; remove it and measure again");
    }
    std::vector<InferenceTime> times;
    for (const Json& one : json.at("times")) {
        times.push_back(timeOf(one, file, times.size()));
    }
    return times;
}

void keepInferenceTime(const fs::path& workspace, const InferenceTime& time) {
    std::vector<InferenceTime> times = readInferenceTimes(workspace);
    std::erase_if(times, [&](const InferenceTime& one) { return one.key == time.key; });
    times.push_back(time);
    Json list = Json::array();
    for (const InferenceTime& one : times) {
        list.push_back(toJson(one));
    }
    writeFileAtomically(inferenceTimesFile(workspace), Json{{"version", kVersion}, {"times", list}}.dump(2) + "\n");
}

std::optional<InferenceTime> findTime(const std::vector<InferenceTime>& times, const std::string& key) {
    const auto found = std::find_if(times.begin(), times.end(), [&](const InferenceTime& one) { return one.key == key; });
    return found == times.end() ? std::nullopt : std::optional(*found);
}

}  // namespace rlcm::figure
