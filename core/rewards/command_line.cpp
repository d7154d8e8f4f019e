#include "core/rewards/command_line.h"

#include <optional>

#include "core/base/error.h"

namespace rlcm::rewards {

std::vector<std::string> splitCommandLine(std::string_view line) {
    const auto refuse = [line](const std::string& why) { throw Error(ErrorKind::Config, "reward.program `" + std::string(line) + "` " + why); };
    std::vector<std::string> arguments;
    std::optional<std::string> current;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool isSpace = c == ' ' || c == '\t' || c == '\n';
        if (quote == 0 && isSpace) {
            if (current) {
                arguments.push_back(std::move(*current));
                current.reset();
            }
            continue;
        }
        if (!current) {
            current.emplace();
        }
        const bool isEscape = c == '\\' && (quote == 0 || (quote == '"' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')));
        if (isEscape) {
            if (++i == line.size()) {
                refuse("ends with a backslash");
            }
            *current += line[i];
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote && quote != 0) {
            quote = 0;
        } else {
            *current += c;
        }
    }
    if (quote != 0) {
        refuse(std::string("has a quote ") + quote + " that is not closed");
    }
    if (current) {
        arguments.push_back(std::move(*current));
    }
    if (arguments.empty() || arguments.front().empty()) {
        refuse("is empty; it must name the program that scores images, as: python3 my_reward.py");
    }
    return arguments;
}

}  // namespace rlcm::rewards
