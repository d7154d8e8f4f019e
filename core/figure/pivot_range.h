#pragma once
// What an axis of a grid of images can be made of, and ranges of it as people type them.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::figure {

enum class PivotAxis { Epoch, Prompt, Noise, Run, Horizon, Seed, RewardRank };
inline constexpr int kPivotAxes = 7;
/// "Epoch", "Reward rank".
std::string_view pivotAxisTitle(PivotAxis axis);

/// What can be chosen on an axis.
struct PivotValues {
    PivotAxis axis = PivotAxis::Epoch;
    std::vector<std::int64_t> numbers;    ///< ascending; of prompts and runs: their places from 1
    std::vector<std::string> names = {};  ///< of prompts and runs, as long as numbers
};

/// The values that a text names, in its order, each once: terms with commas between them, each "all", "first", "last", a number, "0-80" (also downwards),
/// "0-80 (+20)" with a step, "0-80 [5]" with so many of the values in between, evenly spread; of prompts and runs also a part of the name, in quotes where it
/// has a comma or is a number. No text is all. An epoch need not have been evaluated, other values must be there.
/// throws: Config, with what may be typed or what there is.
std::vector<std::int64_t> chosenValues(std::string_view text, const PivotValues& values);

}  // namespace rlcm::figure
