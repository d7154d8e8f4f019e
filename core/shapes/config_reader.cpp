#include "core/shapes/config_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/file_error.h"

namespace rlcm::shapes {
namespace {

constexpr std::size_t kMostLevels = 16;
constexpr std::size_t kQuotedValue = 80;

}  // namespace

ConfigReader::ConfigReader(const Json& json, std::string_view where, Advice advice) : m_json(json), m_where(where), m_advice(advice) {
    if (!json.is_object()) {
        fail("", m_where + ": a JSON object is wanted here");
    }
}

const Json* ConfigReader::find(const char* key) const {
    const auto found = m_json.find(key);
    return found == m_json.end() || found->is_null() ? nullptr : &*found;
}

bool ConfigReader::has(const char* key) const {
    return find(key) != nullptr;
}

std::string ConfigReader::refusal(const char* key, std::string_view reason) const {
    const Json* value = find(key);
    std::string shown = value == nullptr ? "missing" : value->dump(-1, ' ', true, Json::error_handler_t::replace);
    if (value != nullptr && value->is_number_float() && !std::isfinite(value->get<double>())) {
        shown = std::isnan(value->get<double>()) ? "NaN" : value->get<double>() > 0 ? "Infinity" : "-Infinity";  // JSON has no word for them
    }
    if (shown.size() > kQuotedValue) {
        shown = shown.substr(0, kQuotedValue) + "...";
    }
    return m_where + ": \"" + key + "\" is " + shown + ": " + std::string(reason);
}

void ConfigReader::fail(const char* key, const std::string& message) const {
    throw Error(ErrorKind::Format, message, {.advice = std::string(m_advice == nullptr ? "" : m_advice(key))});
}

void ConfigReader::refuse(const char* key, std::string_view reason) const {
    if (m_advice == nullptr && !has(key)) {
        throw FileError(ErrorKind::Format, FileFault::Incomplete, refusal(key, reason));
    }
    fail(key, refusal(key, reason));
}

void ConfigReader::refuseUnsupported(const char* key, std::string_view reason) const {
    if (m_advice == nullptr && has(key)) {
        throw FileError(ErrorKind::Format, FileFault::Unsupported, refusal(key, reason));
    }
    refuse(key, reason);
}

std::int64_t ConfigReader::bounded(const char* key, const Json& value, std::int64_t least, std::int64_t most) const {
    const std::string range = "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is wanted";
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(most))) {
        refuse(key, range);
    }
    const auto number = value.get<std::int64_t>();
    if (number < least || number > most) {
        refuse(key, range);
    }
    return number;
}

std::int64_t ConfigReader::integer(const char* key, std::int64_t fallback, std::int64_t least, std::int64_t most) const {
    const Json* value = find(key);
    return value == nullptr ? fallback : bounded(key, *value, least, most);
}

std::optional<std::int64_t> ConfigReader::optionalInteger(const char* key) const {
    return has(key) ? std::optional(integer(key, 0)) : std::nullopt;
}

double ConfigReader::number(const char* key, double fallback) const {
    const Json* value = find(key);
    if (value == nullptr) {
        return fallback;
    }
    if (!value->is_number() || !std::isfinite(value->get<double>())) {
        refuse(key, "a number is wanted");
    }
    return value->get<double>();
}

bool ConfigReader::boolean(const char* key, bool fallback) const {
    const Json* value = find(key);
    if (value != nullptr && !value->is_boolean()) {
        refuse(key, "true or false is wanted");
    }
    return value == nullptr ? fallback : value->get<bool>();
}

std::string ConfigReader::text(const char* key, std::string_view fallback) const {
    const Json* value = find(key);
    if (value != nullptr && !value->is_string()) {
        refuse(key, "a text is wanted");
    }
    return value == nullptr ? std::string(fallback) : value->get<std::string>();
}

std::vector<std::int64_t> ConfigReader::integers(const char* key, std::vector<std::int64_t> fallback) const {
    const Json* value = find(key);
    if (value == nullptr) {
        return fallback;
    }
    if (!value->is_array() || value->empty() || value->size() > kMostLevels) {
        refuse(key, "a list of 1 to 16 numbers is wanted");
    }
    std::vector<std::int64_t> list;
    for (const Json& item : *value) {
        list.push_back(bounded(key, item, 1, 65536));
    }
    return list;
}

std::vector<std::int64_t> ConfigReader::perLevel(const char* key, std::int64_t fallback, std::size_t count) const {
    const Json* value = find(key);
    if (value == nullptr || !value->is_array()) {
        return std::vector<std::int64_t>(count, integer(key, fallback));
    }
    std::vector<std::int64_t> list = integers(key, {});
    if (list.size() != count) {
        refuse(key, "one number, or a list with one for each of the " + std::to_string(count) + " blocks, is wanted");
    }
    return list;
}

bool ConfigReader::hasNested(const char* key) const {
    const Json* value = find(key);
    return value != nullptr && value->is_array() && std::any_of(value->begin(), value->end(), [](const Json& item) { return item.is_structured(); });
}

std::vector<std::vector<std::int64_t>> ConfigReader::perLayer(const char* key, std::int64_t fallback, const std::vector<std::int64_t>& layers,
                                                              std::int64_t most) const {
    const Json* value = find(key);
    const Json whole = value == nullptr ? Json(fallback) : *value;
    if (whole.is_array() && whole.size() != layers.size()) {
        refuse(key, "one number, or a list with an entry for each of the " + std::to_string(layers.size()) + " blocks, is wanted");
    }
    std::vector<std::vector<std::int64_t>> rows;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const Json& entry = whole.is_array() ? whole[i] : whole;
        const auto count = static_cast<std::size_t>(layers[i]);
        if (entry.is_array() && entry.size() != count) {
            refuse(key, "its entry " + std::to_string(i) + " must be one number or a list of " + std::to_string(count));
        }
        std::vector<std::int64_t>& row = rows.emplace_back();
        for (std::size_t j = 0; j < count; ++j) {
            row.push_back(bounded(key, entry.is_array() ? entry[j] : entry, 0, most));
        }
    }
    return rows;
}

std::vector<std::string> ConfigReader::texts(const char* key, std::vector<std::string> fallback) const {
    const Json* value = find(key);
    if (value == nullptr) {
        return fallback;
    }
    const auto isText = [](const Json& item) { return item.is_string(); };
    if (!value->is_array() || value->empty() || value->size() > kMostLevels || !std::all_of(value->begin(), value->end(), isText)) {
        refuse(key, "a list of 1 to 16 names is wanted");
    }
    return value->get<std::vector<std::string>>();
}

std::int64_t ConfigReader::square(const char* key, std::int64_t fallback) const {
    const Json* value = find(key);
    if (value == nullptr || !value->is_structured()) {
        return integer(key, fallback);
    }
    if (value->empty() || value->size() > 2) {
        refuse(key, "one number, or two equal ones, is wanted");
    }
    const std::int64_t side = bounded(key, *value->begin(), 1, 65536);
    for (const Json& item : *value) {
        if (bounded(key, item, 1, 65536) != side) {
            refuseUnsupported(key, "only squares are supported");
        }
    }
    return side;
}

void ConfigReader::only(const char* key, std::initializer_list<Json> allowed) const {
    const Json* value = find(key);
    if (value == nullptr || std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) {
        return;
    }
    std::string list;
    for (const Json& item : allowed) {
        list += (list.empty() ? "" : " or ") + item.dump();
    }
    refuseUnsupported(key, allowed.size() == 0 ? "this part of the architecture is not supported (only null is)" : "only " + list + " is supported");
}

Json ConfigReader::object(const char* key) const {
    const Json* value = find(key);
    if (value != nullptr && !value->is_object()) {
        refuse(key, "an object is wanted");
    }
    return value == nullptr ? Json::object() : *value;
}

}  // namespace rlcm::shapes
