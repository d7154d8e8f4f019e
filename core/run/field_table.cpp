#include "core/run/field_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.h"
#include "core/run/field_list.h"

namespace rlcm::run {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;

std::string inQuotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string rangeText(const Field& field) {
    const std::string low = (field.isMinimumExclusive ? "more than " : "at least ") + numberText(field.minimum);
    if (!std::isfinite(field.maximum)) {
        return low;
    }
    return low + " and at most " + numberText(field.maximum);
}

std::optional<std::string> numberProblem(const Field& field, double value, const std::string& shown) {
    if (!std::isfinite(value)) {
        return "must be a finite number, not " + shown;
    }
    const bool isTooLow = field.isMinimumExclusive ? value <= field.minimum : value < field.minimum;
    if (isTooLow || value > field.maximum) {
        return "must be " + rangeText(field) + ", not " + shown;
    }
    return std::nullopt;
}

bool isUtf8(const std::string& text) {
    try {
        Json(text).dump();
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

std::optional<std::string> textProblem(const Field& field, const std::string& value) {
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (value.size() > kMaxTextBytes) {
        return "is longer than " + std::to_string(kMaxTextBytes) + " bytes";
    }
    if (std::any_of(value.begin(), value.end(), isControl) || !isUtf8(value)) {
        return "must be printable UTF-8 on one line";
    }
    if (field.choices.empty() || std::find(field.choices.begin(), field.choices.end(), value) != field.choices.end()) {
        return std::nullopt;
    }
    return "must be one of " + joined(field.choices) + ", not " + inQuotes(value);
}

template <typename T>
std::optional<T> parseNumber(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional<T>(value) : std::nullopt;
}

/// The text as a value of the type that the field has, or nothing.
std::optional<FieldValue> parseAs(const FieldValue& sample, std::string_view text) {
    if (std::holds_alternative<bool>(sample)) {
        return text == "true" || text == "false" ? std::optional<FieldValue>(text == "true") : std::nullopt;
    }
    if (std::holds_alternative<std::int64_t>(sample)) {
        const auto value = parseNumber<std::int64_t>(text);
        return value ? std::optional<FieldValue>(*value) : std::nullopt;
    }
    if (std::holds_alternative<double>(sample)) {
        const auto value = parseNumber<double>(text);
        return value ? std::optional<FieldValue>(*value) : std::nullopt;
    }
    return FieldValue(std::string(text));
}

std::string_view typeText(const FieldValue& sample) {
    constexpr std::string_view kNames[] = {"true or false", "a whole number", "a number", "text"};
    return kNames[sample.index()];
}

}  // namespace

std::string numberText(double value) {
    // Whole numbers without an exponent: 100000, not 1e+05.
    if (std::trunc(value) == value && std::abs(value) < 1e15) {
        return std::to_string(static_cast<std::int64_t>(value));
    }
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
}

std::optional<std::string> valueProblem(const Field& field, const FieldValue& value) {
    if (const auto* number = std::get_if<double>(&value)) {
        return numberProblem(field, *number, numberText(*number));
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return numberProblem(field, static_cast<double>(*number), std::to_string(*number));
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return textProblem(field, *text);
    }
    return std::nullopt;
}

std::span<const Field> fieldTable() {
    static const std::vector<Field> kTable = makeFieldList();
    return kTable;
}

std::string pathSuggestion(std::string_view path) {
    const std::string_view leaf = path.substr(path.rfind('.') + 1);
    std::vector<std::string> paths, leaves;
    for (const Field& field : fieldTable()) {
        paths.push_back(field.path);
        leaves.push_back(field.path.substr(field.path.rfind('.') + 1));
    }
    const auto sameLeaf = std::find(leaves.begin(), leaves.end(), leaf);
    std::string best = sameLeaf != leaves.end() ? paths[static_cast<std::size_t>(sameLeaf - leaves.begin())] : nearestName(path, paths);
    if (best.empty()) {
        const std::string nearest = nearestName(leaf, leaves);
        const auto found = std::find(leaves.begin(), leaves.end(), nearest);
        best = found != leaves.end() ? paths[static_cast<std::size_t>(found - leaves.begin())] : "";
    }
    return best.empty() ? "" : " (did you mean " + best + "?)";
}

const Field& fieldAt(std::string_view path) {
    for (const Field& field : fieldTable()) {
        if (field.path == path) {
            return field;
        }
    }
    throw Error(ErrorKind::Config, "there is no setting " + inQuotes(path) + pathSuggestion(path));
}

std::string fieldLabel(const std::string& path) {
    const auto field = std::ranges::find(fieldTable(), path, &Field::path);
    return field == fieldTable().end() ? path : field->label;
}

void setField(RunConfig& config, std::string_view path, std::string_view text) {
    const Field& field = fieldAt(path);
    const FieldValue sample = field.get(config);
    const std::optional<FieldValue> value = parseAs(sample, text);
    if (!value) {
        throw Error(ErrorKind::Config, "must be " + std::string(typeText(sample)) + ", not " + inQuotes(text), {.setting = field.path});
    }
    if (const auto problem = valueProblem(field, *value)) {
        throw Error(ErrorKind::Config, *problem, {.setting = field.path});
    }
    field.set(config, *value);
}

std::string fieldText(const RunConfig& config, const Field& field) {
    const FieldValue value = field.get(config);
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag ? "true" : "false";
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*number);
    }
    if (const auto* number = std::get_if<double>(&value)) {
        return numberText(*number);
    }
    return std::get<std::string>(value);
}

}  // namespace rlcm::run
