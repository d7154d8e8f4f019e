#include "core/study/object_reader.h"

#include <algorithm>

#include "core/base/error.h"

namespace rlcm::study {

ObjectReader::ObjectReader(const Json& json, std::string where) : m_json(json), m_where(std::move(where)) {
    if (!json.is_object()) {
        fail("must be an object, not " + json.dump().substr(0, 60));
    }
}

const Json* ObjectReader::find(std::string_view key) {
    m_known.emplace_back(key);
    const auto at = m_json.find(key);
    return at == m_json.end() ? nullptr : &*at;
}

std::string ObjectReader::text(std::string_view key, const std::string& fallback) {
    const Json* value = find(key);
    if (value == nullptr) {
        return fallback;
    }
    if (!value->is_string()) {
        fail('"' + std::string(key) + "\" must be text, not " + value->dump().substr(0, 60));
    }
    return value->get<std::string>();
}

std::string ObjectReader::needText(std::string_view key) {
    std::string value = text(key, "");
    if (value.find_first_not_of(' ') == std::string::npos) {
        fail('"' + std::string(key) + "\" is missing or empty");
    }
    return value;
}

bool ObjectReader::flag(std::string_view key) {
    const Json* value = find(key);
    if (value != nullptr && !value->is_boolean()) {
        fail('"' + std::string(key) + "\" must be true or false, not " + value->dump().substr(0, 60));
    }
    return value != nullptr && value->get<bool>();
}

const Json& ObjectReader::list(std::string_view key) {
    static const Json kEmpty = Json::array();
    const Json* value = find(key);
    if (value != nullptr && !value->is_array()) {
        fail('"' + std::string(key) + "\" must be a list, not " + value->dump().substr(0, 60));
    }
    return value == nullptr ? kEmpty : *value;
}

Json ObjectReader::object(std::string_view key) {
    const Json* value = find(key);
    if (value != nullptr && !value->is_object()) {
        fail('"' + std::string(key) + "\" must be an object, not " + value->dump().substr(0, 60));
    }
    return value == nullptr ? Json::object() : *value;
}

void ObjectReader::requireAllTaken() const {
    for (const auto& [key, value] : m_json.items()) {
        if (std::find(m_known.begin(), m_known.end(), key) == m_known.end()) {
            const std::string near = nearestName(key, m_known);
            fail("unknown key \"" + key + '"' + (near.empty() ? "" : " (did you mean \"" + near + "\"?)"));
        }
    }
}

void ObjectReader::fail(const std::string& what) const {
    throw Error(ErrorKind::Config, m_where + ": " + what);
}

}  // namespace rlcm::study
