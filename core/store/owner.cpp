#include "core/store/owner.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>

#include <unistd.h>

#include "core/store/database.h"

namespace rlcm::store {
namespace {

constexpr double kHeartbeatLimitSeconds = 15.0;

/// Start time of a running process (field 22 of its stat line), or nothing; a zombie counts as gone.
std::optional<std::int64_t> startTime(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    // The second field, the program's name, may hold anything, also spaces and brackets: count from its last
    // bracket.
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(line.substr(bracket + 1));
    std::string field;
    fields >> field;
    if (field == "Z" || field == "X") {
        return std::nullopt;
    }
    for (int index = 4; index <= 22; ++index) {
        fields >> field;
    }
    return fields ? std::optional<std::int64_t>(std::stoll(field)) : std::nullopt;
}

std::string bootId() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string boot;
    file >> boot;
    char space[64];
    const ssize_t length = ::readlink("/proc/self/ns/pid", space, sizeof space);
    return boot + ' ' + std::string(space, length > 0 ? static_cast<std::size_t>(length) : 0);
}

}  // namespace

const Owner& thisProcess() {
    // A forked child is another process, so the cached value is made anew when the pid changed.
    thread_local Owner owner;
    if (owner.pid != ::getpid()) {
        owner = {::getpid(), bootId(), startTime(::getpid()).value_or(0)};
    }
    return owner;
}

bool isAlive(const Owner& owner, double heartbeatAt) {
    if (owner.pid == 0) {
        return false;
    }
    if (owner.boot == thisProcess().boot) {
        return startTime(owner.pid) == owner.start;
    }
    return std::abs(now() - heartbeatAt) <= kHeartbeatLimitSeconds;
}

}  // namespace rlcm::store
