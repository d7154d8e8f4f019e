#pragma once
// Inside core/run only: the list itself, and the check of one value that setField, JSON reading and validate
// share.
#include <optional>
#include <string>
#include <vector>

#include "core/run/field_table.h"

namespace rlcm::run {

/// Builds every row of the field table.
std::vector<Field> makeFieldList();
/// Appends the settings of training, and those of transform.
void addTraining(std::vector<Field>& list);
void addTransform(std::vector<Field>& list);
/// Appends the settings of health.
void addAlarms(std::vector<Field>& list);
/// What is wrong with one value of one field (NaN, range, choice, unprintable text), or nothing.
std::optional<std::string> valueProblem(const Field& field, const FieldValue& value);
/// A number in its shortest form that reads back exactly.
std::string numberText(double value);
/// " (did you mean training.learning_rate?)" for an unknown path, or "".
std::string pathSuggestion(std::string_view path);

}  // namespace rlcm::run
