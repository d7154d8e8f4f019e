#include "core/sampling/session.h"

#include <utility>

namespace rlcm::sampling {

Session::Session(Gate& runGate, int computeThreads, std::function<void()> onTick, std::unique_ptr<Collective> processes)
    : gate(runGate), workers(computeThreads), tick(std::move(onTick)), collective(std::move(processes)) {}

}  // namespace rlcm::sampling
