#pragma once
// How long an image takes once a model is trained, as measured on this device: a file of the workspace that `rlcm time` writes and pages and reports read.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::figure {

/// One measurement. Milliseconds are per image, decoding included.
struct InferenceTime {
    std::string key;                                         ///< timingKey of the settings
    double medianMs = 0, quarterMs = 0, threeQuarterMs = 0;  ///< median and quartiles of the samples
    int samples = 0;
    int batch = 1;          ///< images sampled together
    std::string device;     ///< "AMD EPYC, 2 threads"
    std::string dtype;      ///< "fp32"
    double load = 0;        ///< programs that wanted to compute beside it, from the system's load before it began
    bool isBusy = false;    ///< others took so much that the times are too long
    double measuredAt = 0;  ///< Unix seconds
    bool operator==(const InferenceTime&) const = default;
};

/// Equal for settings that take the same time for an image: model, method, horizon, guidance by doubling, arithmetic.
std::string timingKey(const run::RunConfig& config);
/// The file in a workspace.
std::filesystem::path inferenceTimesFile(const std::filesystem::path& workspace);
/// What has been measured; nothing while the file is not there. throws: Io, Format naming the entry that is damaged.
std::vector<InferenceTime> readInferenceTimes(const std::filesystem::path& workspace);
/// Puts a measurement in the place of an older one with its key, keeps the others. throws: Io, Format.
void keepInferenceTime(const std::filesystem::path& workspace, const InferenceTime& time);
/// The measurement with this key.
std::optional<InferenceTime> findTime(const std::vector<InferenceTime>& times, const std::string& key);

}  // namespace rlcm::figure
