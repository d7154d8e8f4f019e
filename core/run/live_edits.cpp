#include "core/run/live_edits.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/run/field_table.h"

namespace rlcm::run {

std::span<const std::string_view> liveSettings() {
    static constexpr std::array<std::string_view, 4> kAll{"training.learning_rate", "training.clip_range_per_element", "training.epochs", "evaluation.every"};
    return kAll;
}

RunConfig withLiveEdit(const RunConfig& config, const LiveEdit& edit, std::int64_t epochsDone) {
    const Field& field = fieldAt(edit.path);
    if (std::ranges::find(liveSettings(), edit.path) == liveSettings().end()) {
        throw Error(ErrorKind::Config, field.label + " cannot be changed while a run trains; stop the run and make another one");
    }
    RunConfig next = config;
    setField(next, edit.path, edit.value);
    requireValid(next);
    if (next.training.epochs <= epochsDone) {
        throw Error(ErrorKind::Config, field.label + " must be more than the " + std::to_string(epochsDone) + " that are done, not " + edit.value);
    }
    return next;
}

}  // namespace rlcm::run
