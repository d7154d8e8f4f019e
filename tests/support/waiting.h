#pragma once
// How long something took, and what is still at once.
#include <chrono>

namespace rlcm::test {

using Clock = std::chrono::steady_clock;

constexpr double kAtOnce = 20;  // seconds: on a busy machine, and far from the 60 s that would be waited otherwise

inline double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace rlcm::test
