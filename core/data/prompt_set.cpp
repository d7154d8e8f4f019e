#include "core/data/prompt_set.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/lfs_pointer.h"

namespace rlcm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

bool isUtf8(const std::string& bytes) {
    std::string back;
    icu::UnicodeString::fromUTF8(bytes).toUTF8String(back);  // replaces what is broken
    return back == bytes;
}

bool isBlank(UChar32 c) {
    return u_isUWhiteSpace(c) != 0 || (c >= 0x1C && c <= 0x1F);
}

/// Blank, or without a shape of its own: a line of such characters looks empty.
bool isInvisible(UChar32 c) {
    return isBlank(c) || u_iscntrl(c) != 0 || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
}

icu::UnicodeString trimmed(std::string_view bytes) {
    const auto line = icu::UnicodeString::fromUTF8({bytes.data(), static_cast<std::int32_t>(bytes.size())});
    std::int32_t first = 0, last = line.length();
    while (first < last && isBlank(line.char32At(first))) {
        ++first;  // every blank is one unit
    }
    while (last > first && isBlank(line.char32At(last - 1))) {
        --last;
    }
    return {line, first, last - first};  // a copy
}

bool looksEmpty(const icu::UnicodeString& line) {
    for (std::int32_t i = 0; i < line.length(); i = line.moveIndex32(i, 1)) {
        if (!isInvisible(line.char32At(i))) {
            return false;
        }
    }
    return true;
}

std::string counted(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

PromptList readPrompts(const fs::path& file) {
    const std::string bytes = readFile(file, kMaxBytes);
    refuseLfsPointer(bytes, file.string());
    if (bytes.find('\0') != std::string::npos || !isUtf8(bytes)) {
        throw Error(ErrorKind::Format, "the prompt file " + file.string() + " is not UTF-8 text");
    }
    std::string_view rest = bytes;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") {
        rest.remove_prefix(3);
    }
    PromptList list;
    std::size_t comments = 0, unseen = 0;
    while (!rest.empty()) {
        const std::size_t stop = std::min(rest.find_first_of("\r\n"), rest.size());
        const icu::UnicodeString line = trimmed(rest.substr(0, stop));
        const std::size_t end = rest.substr(stop).starts_with("\r\n") ? 2 : 1;
        const bool isComment = line.startsWith(u'#') && (line.length() == 1 || isBlank(line.char32At(1)));
        if (isComment) {
            ++comments;
        } else if (!looksEmpty(line)) {
            line.toUTF8String(list.texts.emplace_back());
        } else if (stop > 0) {
            ++unseen;
        }
        rest.remove_prefix(std::min(stop + end, rest.size()));
    }
    if (list.texts.empty()) {
        throw Error(ErrorKind::Format, "the prompt file " + file.string() + " holds no prompt (one a line)");
    }
    const std::size_t distinct = list.distinct().size();
    if (distinct < list.texts.size()) {
        list.note += "; " + counted(list.texts.size() - distinct, "line repeats a prompt", "lines repeat prompts") + ", which are drawn that much more often";
    }
    if (comments > 0) {
        list.note += "; " + counted(comments, "line that starts with # and a blank is taken for a comment",
                                    "lines that start with # and a blank are taken for comments");
    }
    if (unseen > 0) {
        list.note += "; " + counted(unseen, "line that only looks empty is skipped", "lines that only look empty are skipped");
    }
    if (!list.note.empty()) {
        list.note = "the prompt file " + file.string() + " has " + counted(list.texts.size(), "prompt", "prompts") + list.note;
    }
    return list;
}

}  // namespace

std::vector<std::string> PromptList::distinct() const {
    std::vector<std::string> once;
    std::set<std::string_view> seen;
    for (const std::string& text : texts) {
        if (seen.insert(text).second) {
            once.push_back(text);
        }
    }
    return once;
}

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

PromptList loadPrompts(std::string_view name) {
    const std::vector<std::string> bundled = bundledPromptSets();
    if (std::find(bundled.begin(), bundled.end(), name) != bundled.end()) {
        PromptList list = readPrompts(resourceFolder() / "prompts" / (std::string(name) + ".txt"));
        list.note.clear();  // each has its heading
        return list;
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
    throw Error(ErrorKind::Config, "there is neither a prompt list nor a text file called \"" + std::string(name) + "\"" +
                                       (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " Bundled lists: " + known);
}

}  // namespace rlcm::data
