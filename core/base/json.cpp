#include "core/base/json.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"

namespace rlcm {
namespace {

constexpr int kMaxDepth = 64;

/// Watches the parser's events; nlohmann keeps the last of two equal keys without a word, which hides mistakes.
class StrictWatch {
public:
    explicit StrictWatch(std::string_view where) : m_where(where) {}

    bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > kMaxDepth) {
            throw Error(ErrorKind::Format, m_where + ": JSON is nested deeper than 64 levels");
        }
        if (event == Json::parse_event_t::object_start) {
            m_keys.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            m_keys.pop_back();
        } else if (event == Json::parse_event_t::key && !m_keys.back().insert(parsed.get<std::string>()).second) {
            throw Error(ErrorKind::Format, m_where + ": the key \"" + parsed.get<std::string>() + "\" stands twice");
        }
        return true;
    }

private:
    std::string m_where;
    std::vector<std::set<std::string>> m_keys;
};

}  // namespace

Json parseJson(std::string_view text, std::string_view where, std::size_t maxBytes) {
    if (text.size() > maxBytes) {
        throw Error(ErrorKind::Format, std::string(where) + ": " + std::to_string(text.size()) +
                                           " bytes of JSON, more than the limit of " + std::to_string(maxBytes));
    }
    // The library takes a NUL as the end and skips a byte order mark; both would let two readers see different documents.
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xEF\xBB\xBF")) {
        throw Error(ErrorKind::Format, std::string(where) + " is not valid JSON: it holds a NUL byte or starts with a byte order mark");
    }
    StrictWatch watch(where);
    try {
        return Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) { return watch(depth, event, parsed); });
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, std::string(where) + " is not valid JSON: " + problem.what());
    }
}

Json readJsonFile(const std::filesystem::path& file, std::size_t maxBytes) {
    return parseJson(readFile(file, maxBytes), file.string(), maxBytes);
}

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    return last[b.size()];
}

}  // namespace rlcm
