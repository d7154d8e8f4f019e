#include "ui/runs/setting_texts.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/base/json.h"

namespace rlcm::ui {
namespace {

std::string asText(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The value by looking for its name, without reading the other settings. A quote inside a text has a backslash before it, so a quoted name
/// with a colon behind it is the name. Nothing where the text is not written as ours are.
std::optional<std::string> found(std::string_view settings, std::string_view section, std::string_view name) {
    const std::string opening = '"' + std::string(section) + "\":{", label = '"' + std::string(name) + "\":";
    const std::size_t begin = settings.find(opening);
    if (begin == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = settings.substr(begin + opening.size());
    const std::string_view own = rest.substr(0, rest.find("},\""));  // a text may end so, too: then what lies behind it is not found here
    const std::size_t at = own.find(label);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view value = own.substr(at + label.size());
    std::size_t end = value.starts_with('"') ? 1 : value.find_first_of(",}");
    if (value.starts_with('"')) {
        while (end < value.size() && value[end] != '"') {
            end += value[end] == '\\' ? 2 : 1;
        }
        ++end;
    }
    const Json read = Json::parse(value.substr(0, end), nullptr, false);
    return read.is_primitive() && !read.is_discarded() ? std::optional(asText(read)) : std::nullopt;
}

/// The value by reading all settings.
std::string read(const std::string& settings, std::string path) {
    std::ranges::replace(path, '.', '/');
    const Json all = Json::parse(settings, nullptr, false);
    const Json::json_pointer place('/' + path);
    return all.is_object() && all.contains(place) ? asText(all.at(place)) : std::string();
}

}  // namespace

const std::string& SettingTexts::text(const store::RunRow& run, const std::string& path) {
    const std::size_t settings = std::hash<std::string>()(run.configJson), dot = path.find('.');
    auto [at, isNew] = m_known[path].try_emplace(run.id);
    if (isNew || at->second.settings != settings) {
        std::optional<std::string> value;
        if (dot != std::string::npos) {
            value = found(run.configJson, path.substr(0, dot), path.substr(dot + 1));
        }
        at->second = {settings, value ? std::move(*value) : read(run.configJson, path)};
    }
    return at->second.text;
}

}  // namespace rlcm::ui
