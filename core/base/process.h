#pragma once
// Other processes, as Linux tells of them in /proc.
#include <cstdint>
#include <optional>

namespace rlcm {

struct ProcessInfo {
    std::int64_t parent = 0;
    std::int64_t start = 0;  ///< clock ticks since the machine started: tells a process from a later one with the same number
};
/// A running process. Nothing when there is none of that number, or it has ended and only its parent has not noticed yet.
std::optional<ProcessInfo> findProcess(std::int64_t pid);

}  // namespace rlcm
