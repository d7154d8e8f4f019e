#include "core/data/prompt_set.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <unicode/unistr.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"

namespace rlcm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

bool isUtf8(const std::string& bytes) {
    std::string back;
    icu::UnicodeString::fromUTF8(bytes).toUTF8String(back);  // replaces what is broken
    return back == bytes;
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r\v\f";
    const std::size_t first = line.find_first_not_of(kBlanks);
    return first == std::string_view::npos ? std::string_view()
                                           : line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> readPrompts(const fs::path& file) {
    const std::string bytes = readFile(file, kMaxBytes);
    if (bytes.find('\0') != std::string::npos || !isUtf8(bytes)) {
        throw Error(ErrorKind::Format, "the prompt file " + file.string() + " is not UTF-8 text");
    }
    std::string_view rest = bytes;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") {
        rest.remove_prefix(3);
    }
    std::vector<std::string> prompts;
    std::set<std::string_view> seen;
    while (!rest.empty()) {
        const std::size_t stop = std::min(rest.find('\n'), rest.size());
        const std::string_view line = trimmed(rest.substr(0, stop));
        rest.remove_prefix(std::min(stop + 1, rest.size()));
        if (!line.empty() && line.front() != '#' && seen.insert(line).second) {
            prompts.emplace_back(line);
        }
    }
    if (prompts.empty()) {
        throw Error(ErrorKind::Format, "the prompt file " + file.string() + " holds no prompt (one a line)");
    }
    return prompts;
}

}  // namespace

std::vector<std::string> bundledPromptSets() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(resourceFolder() / "prompts", ignored)) {
        if (entry.path().extension() == ".txt") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> loadPrompts(std::string_view name) {
    const std::vector<std::string> bundled = bundledPromptSets();
    if (std::find(bundled.begin(), bundled.end(), name) != bundled.end()) {
        return readPrompts(resourceFolder() / "prompts" / (std::string(name) + ".txt"));
    }
    const fs::path file(name);
    std::error_code ignored;
    if (name.find('\0') == std::string_view::npos && fs::is_regular_file(file, ignored)) {
        return readPrompts(file);
    }
    const std::string near = nearestName(name, bundled);
    std::string known;
    for (const std::string& list : bundled) {
        known += (known.empty() ? "" : ", ") + list;
    }
    throw Error(ErrorKind::Config,
                "there is neither a prompt list nor a text file called \"" + std::string(name) + "\"" +
                    (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " Bundled lists: " + known);
}

}  // namespace rlcm::data
