#pragma once
// Inside core/study only.
#include <string>
#include <string_view>

namespace rlcm::study {

/// "Reward queries" as it stands inside a sentence: the first letter small, where it is a Latin one.
inline std::string lowerFirst(std::string_view text) {
    std::string result(text);
    if (!result.empty() && result.front() >= 'A' && result.front() <= 'Z') {
        result.front() = static_cast<char>(result.front() + 32);
    }
    return result;
}

}  // namespace rlcm::study
