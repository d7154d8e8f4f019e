#pragma once
// Inside core/store only: which process owns a run, and whether it still lives.
#include <cstdint>
#include <optional>
#include <string>

namespace rlcm::store {

/// A process, told apart from a later one with the same pid.
struct Owner {
    std::int64_t pid = 0;
    std::string boot;        ///< boot id and pid namespace
    std::int64_t start = 0;  ///< clock ticks since boot
    bool operator==(const Owner&) const = default;
};

/// The calling process.
const Owner& thisProcess();
/// True when the process exists: asked of the system where the pid means something to it, else judged by a
/// heartbeat not older than 15 s.
bool isAlive(const Owner& owner, double heartbeatAt);

}  // namespace rlcm::store
