#include "core/store/owner.h"

#include <cmath>
#include <fstream>

#include <unistd.h>

#include "core/base/process.h"
#include "core/store/database.h"

namespace rlcm::store {
namespace {

constexpr double kHeartbeatLimitSeconds = 15.0;

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
        owner = {::getpid(), bootId(), findProcess(::getpid()).value_or(ProcessInfo{}).start};
    }
    return owner;
}

bool isAlive(const Owner& owner, double heartbeatAt) {
    if (owner.pid == 0) {
        return false;
    }
    if (owner.boot == thisProcess().boot) {
        const auto process = findProcess(owner.pid);
        return process && process->start == owner.start;
    }
    return std::abs(now() - heartbeatAt) <= kHeartbeatLimitSeconds;
}

}  // namespace rlcm::store
