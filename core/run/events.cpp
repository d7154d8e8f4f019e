#include <array>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/run_event.h"

namespace rlcm::run {
namespace {

constexpr std::array<std::string_view, 11> kStateNames = {"queued",   "preparing", "sampling", "rewarding", "updating",   "paused",
                                                          "stopping", "finished",  "stopped",  "failed",    "interrupted"};

constexpr std::array<PhaseField, 7> kPhases{{{"sample", &PhaseSeconds::sample},
                                             {"decode", &PhaseSeconds::decode},
                                             {"reward", &PhaseSeconds::reward},
                                             {"update", &PhaseSeconds::update},
                                             {"evaluate", &PhaseSeconds::evaluate},
                                             {"total", &PhaseSeconds::total},
                                             {"paused", &PhaseSeconds::paused}}};

}  // namespace

std::span<const PhaseField> phaseFields() {
    return kPhases;
}

std::string_view toString(RunState state) {
    return kStateNames[static_cast<std::size_t>(state)];
}

RunState runStateFromString(std::string_view name) {
    for (std::size_t i = 0; i < kStateNames.size(); ++i) {
        if (kStateNames[i] == name) {
            return static_cast<RunState>(i);
        }
    }
    const std::string nearest = nearestName(name, kStateNames);
    throw Error(ErrorKind::Format, "there is no run state \"" + std::string(name) + '"' + (nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
}

bool isLive(RunState state) {
    return state >= RunState::Preparing && state <= RunState::Stopping;
}

const RunId& runOf(const RunEvent& event) {
    return std::visit([](const auto& e) -> const RunId& { return e.id; }, event);
}

std::optional<double> scalar(const std::vector<std::pair<std::string, double>>& scalars, std::string_view name) {
    for (const auto& [key, value] : scalars) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace rlcm::run
