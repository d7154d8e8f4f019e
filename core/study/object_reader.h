#pragma once
// Inside core/study only: a JSON object whose every key must be taken.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace rlcm::study {

/// Takes known keys out of an object; what is left over in the end is an error. All messages begin with `where`. throws: Config.
class ObjectReader {
public:
    /// throws when `json` is no object.
    ObjectReader(const Json& json, std::string where);
    /// The value of a key, or null when the object does not have it.
    const Json* find(std::string_view key);
    /// A text; `fallback` when the key is absent.
    std::string text(std::string_view key, const std::string& fallback);
    /// A text that must be there and must not be empty.
    std::string needText(std::string_view key);
    bool flag(std::string_view key);
    /// A list; empty when the key is absent.
    const Json& list(std::string_view key);
    /// An object; empty when the key is absent.
    Json object(std::string_view key);
    /// throws naming the first key that nobody has asked for, and the nearest one that exists.
    void requireAllTaken() const;
    [[noreturn]] void fail(const std::string& what) const;
    const std::string& where() const { return m_where; }

private:
    const Json& m_json;
    std::string m_where;
    std::vector<std::string> m_known;
};

}  // namespace rlcm::study
