#include "core/base/process.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace rlcm {

std::optional<ProcessInfo> findProcess(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    // The second field, the program's name, may hold anything, also spaces and brackets: count from its last bracket.
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(line.substr(bracket + 1));
    std::string state, skipped;
    ProcessInfo found;
    fields >> state >> found.parent;
    for (int field = 5; field < 22; ++field) {
        fields >> skipped;
    }
    fields >> found.start;
    return fields && state != "Z" && state != "X" ? std::optional(found) : std::nullopt;
}

}  // namespace rlcm
