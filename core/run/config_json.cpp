// RunConfig <-> nested JSON, driven by the field table.
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/run/field_list.h"
#include "core/run/field_table.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

constexpr double kLargestExactDouble = 9007199254740992.0;  // 2^53

Json::json_pointer pointerOf(const std::string& path) {
    std::string pointer = "/" + path;
    for (char& c : pointer) {
        c = c == '.' ? '/' : c;
    }
    return Json::json_pointer(pointer);
}

/// The JSON value as a value of the field's type, or what is wrong with its type.
std::variant<FieldValue, std::string> readValue(const FieldValue& sample, const Json& json) {
    if (std::holds_alternative<bool>(sample)) {
        return json.is_boolean() ? std::variant<FieldValue, std::string>(FieldValue(json.get<bool>()))
                                 : std::string("must be true or false, not ") + json.dump();
    }
    if (std::holds_alternative<std::string>(sample)) {
        return json.is_string() ? std::variant<FieldValue, std::string>(FieldValue(json.get<std::string>())) : std::string("must be text, not ") + json.dump();
    }
    if (!json.is_number()) {
        return std::string("must be a number, not ") + json.dump();
    }
    if (std::holds_alternative<double>(sample)) {
        return FieldValue(json.get<double>());
    }
    const double number = json.get<double>();
    if (std::trunc(number) != number || std::abs(number) > kLargestExactDouble) {
        return std::string("must be a whole number, not ") + json.dump();
    }
    return FieldValue(json.get<std::int64_t>());
}

/// Walks a JSON object; everything wrong is added to `problems` as one line.
class Reader {
public:
    explicit Reader(RunConfig& config) : m_config(config) {
        for (const Field& field : fieldTable()) {
            m_fields[field.path] = &field;
            if (const auto dot = field.path.find('.'); dot != std::string::npos) {
                m_sections.insert(field.path.substr(0, dot));
            }
        }
    }
    void readObject(const Json& object, const std::string& prefix) {
        for (const auto& [key, value] : object.items()) {
            const std::string path = prefix + key;
            if (const auto field = m_fields.find(path); field != m_fields.end()) {
                readField(*field->second, value);
            } else if (prefix.empty() && m_sections.contains(key)) {
                readSection(value, key);
            } else {
                m_problems.push_back(path + ": unknown setting" + suggestion(path, value, prefix));
            }
        }
    }
    const std::vector<std::string>& problems() const { return m_problems; }

private:
    void readSection(const Json& value, const std::string& name) {
        if (value.is_object()) {
            readObject(value, name + '.');
        } else {
            m_problems.push_back(name + " must be an object, not " + value.dump());
        }
    }
    void readField(const Field& field, const Json& json) {
        if ((field.path == kRewardTerms || field.path == kJudges) && json.is_array()) {
            readTerms(field, json);
            return;
        }
        const auto value = readValue(field.get(m_config), json);
        if (const auto* problem = std::get_if<std::string>(&value)) {
            m_problems.push_back(field.path + ' ' + *problem);
        } else if (const auto wrong = valueProblem(field, std::get<FieldValue>(value))) {
            m_problems.push_back(field.path + ' ' + *wrong);
        } else {
            field.set(m_config, std::get<FieldValue>(value));
        }
    }
    void readTerms(const Field& field, const Json& list) {
        try {
            readField(field, Json(rewardTermsText(list, field.path)));
        } catch (const Error& problem) {
            m_problems.push_back(problem.what());
        }
    }
    std::string suggestion(const std::string& path, const Json& value, const std::string& prefix) const {
        const std::string section = prefix.empty() && value.is_object() ? nearestName(path, m_sections) : std::string();
        return section.empty() ? pathSuggestion(path) : " (did you mean " + section + "?)";
    }

    RunConfig& m_config;
    std::map<std::string, const Field*> m_fields;
    std::set<std::string> m_sections;
    std::vector<std::string> m_problems;
};

}  // namespace

Json toJson(const RunConfig& config) {
    Json json = Json::object();
    for (const Field& field : fieldTable()) {
        std::visit([&](const auto& value) { json[pointerOf(field.path)] = value; }, field.get(config));
    }
    return json;
}

RunConfig configFromJson(const Json& json, std::string_view where, const RunConfig& base) {
    if (!json.is_object()) {
        throw Error(ErrorKind::Config, std::string(where) + ": the settings must be a JSON object, not " + json.dump());
    }
    RunConfig config = base;
    Reader reader(config);
    reader.readObject(json, "");
    if (!reader.problems().empty()) {
        std::string message;
        for (const std::string& problem : reader.problems()) {
            if (!message.empty()) {
                message += '\n';
            }
            message += where;
            message += ": ";
            message += problem;
        }
        throw Error(ErrorKind::Config, message);
    }
    return config;
}

}  // namespace rlcm::run
