#pragma once
// The one table of settings. It drives JSON reading and writing, validation, `--set`, `--help`, the form and its
// tooltips, so a setting exists in one place.
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/json.h"
#include "core/run/run_config.h"

namespace rlcm::run {

using FieldValue = std::variant<bool, std::int64_t, double, std::string>;

enum class FieldTier { Basic, Advanced };

struct Field {
    std::string path;     ///< JSON path, as "training.learning_rate"
    std::string label;    ///< for people
    std::string unit;     ///< "" or a short unit
    std::string summary;  ///< one sentence: what it does
    std::string help;     ///< the summary, and when to change it
    FieldTier tier = FieldTier::Advanced;
    double minimum = -std::numeric_limits<double>::infinity();  ///< numbers only, inclusive
    double maximum = std::numeric_limits<double>::infinity();
    bool isMinimumExclusive = false;
    std::vector<std::string> choices;  ///< strings only; empty: free text
    std::function<FieldValue(const RunConfig&)> get;
    std::function<void(RunConfig&, const FieldValue&)> set;  ///< the value must hold the type that get returns
};

/// All settings in the order in which the form shows them. thread: any.
std::span<const Field> fieldTable();
/// The field at `path`. throws: Config naming the nearest path when there is none.
const Field& fieldAt(std::string_view path);
/// Label of the field at `path`; the path itself where there is none, as of a setting of another version or of a reward term.
std::string fieldLabel(const std::string& path);
/// Sets one field from text ("4", "1e-3", "adam", "true"), with type, range and choice checked.
/// throws: Config naming path, value and what is allowed.
void setField(RunConfig& config, std::string_view path, std::string_view text);
/// The value of a field as text that setField reads back exactly.
std::string fieldText(const RunConfig& config, const Field& field);

/// Nested JSON with every field.
Json toJson(const RunConfig& config);
/// Strict: unknown keys are errors naming the nearest key; missing keys keep the value of `base`.
/// throws: Config with all problems, one a line.
RunConfig configFromJson(const Json& json, std::string_view where, const RunConfig& base = {});

/// One thing wrong with a config. `path` names the field to mark ("" when it concerns several).
struct Problem {
    std::string path;
    std::string message;
    bool operator==(const Problem&) const = default;
};
/// Everything wrong with a config that can be told without loading a model: ranges, choices, NaN, horizon 1 for RLCM
/// (with the reason), rounds that do not divide into updates or groups, reward terms that do not parse. Empty: valid.
std::vector<Problem> validate(const RunConfig& config);
/// throws: Config with all problems, one a line, when validate() finds any.
void requireValid(const RunConfig& config);

}  // namespace rlcm::run
