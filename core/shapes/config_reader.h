#pragma once
// Reads config.json the way the reference libraries do: a missing key and a null take the class default; a value that we
// do not implement is refused with file, key and value. Numbers are bounded, because files are not trusted.
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace rlcm::shapes {

/// A view of one JSON object; it must outlive the reader. Every method throws Format naming file and key.
class ConfigReader {
public:
    /// What to do about a key that is refused; "" for the whole object.
    using Advice = std::string_view (*)(std::string_view key);
    /// Without `advice`, what is thrown tells keys that are missing and values that are not supported as FileError.
    ConfigReader(const Json& json, std::string_view where, Advice advice = nullptr);

    /// Whether the key is there with a value other than null.
    bool has(const char* key) const;
    /// Whether it is a list with a list inside.
    bool hasNested(const char* key) const;
    std::int64_t integer(const char* key, std::int64_t fallback, std::int64_t least = 1, std::int64_t most = 65536) const;
    std::optional<std::int64_t> optionalInteger(const char* key) const;
    double number(const char* key, double fallback) const;
    bool boolean(const char* key, bool fallback) const;
    std::string text(const char* key, std::string_view fallback) const;
    /// A list of integers.
    std::vector<std::int64_t> integers(const char* key, std::vector<std::int64_t> fallback) const;
    /// An integer for all `count` levels, or a list of `count`.
    std::vector<std::int64_t> perLevel(const char* key, std::int64_t fallback, std::size_t count) const;
    /// The same by block and layer, from 0 to `most`: an entry of the list may itself be a list, with a number for each of the block's
    /// `layers`. One row for each of them.
    std::vector<std::vector<std::int64_t>> perLayer(const char* key, std::int64_t fallback, const std::vector<std::int64_t>& layers, std::int64_t most) const;
    std::vector<std::string> texts(const char* key, std::vector<std::string> fallback) const;
    /// An integer, or a list or object of two equal ones.
    std::int64_t square(const char* key, std::int64_t fallback) const;
    /// Refuses every value but those listed (null and missing are fine).
    void only(const char* key, std::initializer_list<Json> allowed) const;
    /// A nested object, empty when missing.
    Json object(const char* key) const;
    /// Throws: `key` has this value, and `reason` says what is wanted.
    [[noreturn]] void refuse(const char* key, std::string_view reason) const;
    /// The same for a value that is right in its place, but for something that we do not implement.
    [[noreturn]] void refuseUnsupported(const char* key, std::string_view reason) const;

private:
    std::int64_t bounded(const char* key, const Json& value, std::int64_t least, std::int64_t most) const;
    const Json* find(const char* key) const;
    /// `key` and its value as refused.
    std::string refusal(const char* key, std::string_view reason) const;
    [[noreturn]] void fail(const char* key, const std::string& message) const;
    const Json& m_json;
    std::string m_where;
    Advice m_advice;
};

}  // namespace rlcm::shapes
