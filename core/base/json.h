#pragma once
// Strict JSON reading: duplicate keys, excessive size and depth are errors that name the place.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace rlcm {

using Json = nlohmann::json;

constexpr std::size_t kMaxJsonBytes = std::size_t{16} << 20;

/// Parses `text` in time that grows with its length; `where` (a file name) starts every message.
/// throws: Format on bad syntax, duplicate keys, nesting deeper than 64, more than `maxBytes` bytes or 2^21 values, and for a
/// git-lfs pointer.
Json parseJson(std::string_view text, std::string_view where, std::size_t maxBytes = kMaxJsonBytes);
/// Reads and parses a file. throws: Io when it cannot be read, Format as parseJson.
Json readJsonFile(const std::filesystem::path& file, std::size_t maxBytes = kMaxJsonBytes);

/// The same for what Python's json module wrote, as the configs of models do: Infinity, -Infinity and NaN are numbers there.
Json parsePythonJson(std::string_view text, std::string_view where);
Json readPythonJsonFile(const std::filesystem::path& file);

/// The entry of `known` nearest to `word` by edit distance, or "" when nothing is near (more than a third differs).
template <typename Names>
std::string nearestName(std::string_view word, const Names& known);
/// Edit distance (insert, delete, replace, swap of neighbours all cost 1).
std::size_t editDistance(std::string_view a, std::string_view b);

template <typename Names>
std::string nearestName(std::string_view word, const Names& known) {
    std::string best;
    std::size_t bestDistance = word.size() / 3 + 2;
    for (const auto& name : known) {
        const std::size_t distance = editDistance(word, name);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = std::string(name);
        }
    }
    return best;
}

}  // namespace rlcm
