#pragma once
// The settings that can be changed while a run trains.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/run/run_config.h"

namespace rlcm::run {

/// A change of one setting, as text.
struct LiveEdit {
    std::string path, value;
    bool operator==(const LiveEdit&) const = default;
};

/// Their paths, in the order in which they are offered: what is learned from now on may depend on them, what was learned and what is measured does not. thread: any.
std::span<const std::string_view> liveSettings();
/// The settings with one of them changed, after so many finished epochs. throws: Config naming the setting when it cannot be changed while a run trains, when it cannot have
/// the value, or when the run has done as many epochs as it is to have.
RunConfig withLiveEdit(const RunConfig& config, const LiveEdit& edit, std::int64_t epochsDone);

}  // namespace rlcm::run
