#include "core/store/tags.h"

#include <algorithm>

namespace rlcm::store {
namespace {

constexpr const char* kBlanks = " \t\r\n";

std::string trimmed(std::string tag) {
    std::ranges::replace_if(tag, [](char letter) { return letter == '\n' || letter == '\r' || letter == '\t'; }, ' ');
    const std::size_t first = tag.find_first_not_of(kBlanks);
    return first == std::string::npos ? std::string() : tag.substr(first, tag.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::string joinTags(const std::vector<std::string>& tags) {
    std::vector<std::string> kept;
    std::string text;
    for (const std::string& tag : tags) {
        const std::string one = trimmed(tag);
        if (!one.empty() && std::ranges::find(kept, one) == kept.end()) {
            text += (kept.empty() ? "" : "\n") + one;
            kept.push_back(one);
        }
    }
    return text;
}

std::vector<std::string> splitTags(const std::string& text) {
    std::vector<std::string> tags;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        tags.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return tags;
}

}  // namespace rlcm::store
