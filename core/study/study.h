#pragma once
// A study as a value: a question, the settings that are varied to answer it, and what is asked of the runs. Read from JSON; no run is made here.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace rlcm::study {

/// One place on an axis.
struct AxisValue {
    std::string name;                ///< for people: "RLCM H4"
    std::string preset;              ///< what its runs start from; empty: the study's preset
    Json settings = Json::object();  ///< as in a file of settings; a key may also be a whole path, "sampling.steps"
};

/// Something that is varied. All axes together span the study's cells.
struct Axis {
    std::string name;
    std::vector<AxisValue> values;
};

/// Where runs are compared.
struct Budget {
    std::string counter;          ///< of core/run/counters.h
    std::optional<double> value;  ///< empty: where the shortest of the compared runs ends
};

enum class Ask {
    Difference,  ///< between two values of an axis, paired by seed
    Change,      ///< since before training, of each cell
    Cost,        ///< how many times less of the budget x takes to come to where y is at it, paired by seed
    Best         ///< which value of an axis comes out best, and how surely before the next best, paired by seed
};

/// What the report is to answer, at every budget and for every combination of the other axes.
struct Asked {
    Ask ask = Ask::Difference;
    std::string measure = {};               ///< of core/run/measures.h
    std::string axis = {}, x = {}, y = {};  ///< Difference, Cost: x against y. Change: only cells at x, all when empty. Best: the axis alone
    bool isGain = false;                    ///< what has been gained since before training: models that begin elsewhere can be compared
    bool isJudgeControlled = false;         ///< best value so far at which the judge still recognised 0.8 of what it did before training
};

struct Study {
    std::string name = {};  ///< of its file, without the ending
    std::string title = {}, question = {}, note = {};
    std::string preset = {};
    Json settings = Json::object();  ///< of all runs, over the preset
    std::int64_t seeds = 3;          ///< 0 .. seeds - 1
    std::vector<Axis> axes = {};
    std::vector<Budget> budgets = {};  ///< never empty; the first is that of the table
    std::vector<Asked> asked = {};     ///< never empty; the first one's measure is drawn first
};

/// Strict: unknown keys, wrong types, empty axes, names that stand twice, presets, settings, measures and counters that do not exist are errors that name
/// the place and the nearest word. `name` is the study's, `where` (a file) begins every message. throws: Config.
Study studyFromJson(const Json& json, const std::string& name, std::string_view where);

/// Replaces the budget of a counter, or adds it: "reward_queries=640". throws: Config.
void setBudget(Study& study, const std::string& text);

/// Replaces the values of an axis that varies one setting: "model=emoji-lcm,other" where its first value sets model.path alone. Answers that name values
/// which are gone go too. throws: Config naming the nearest axis, for an axis of several settings, for text that the setting cannot be, when no answer is left.
void setAxis(Study& study, const std::string& text);

}  // namespace rlcm::study
