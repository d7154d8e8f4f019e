#include "core/tensor/profiler.h"

#include <set>
#include <utility>

#include "core/tensor/torch.h"

#include <torch/csrc/autograd/profiler_kineto.h>

namespace rlcm::tensor {
namespace {

namespace profiler = torch::autograd::profiler;
namespace settings = torch::profiler::impl;

}  // namespace

Profiler::Profiler(const at::Device& device) : m_type(device.type()) {
    std::set<settings::ActivityType> activities{settings::ActivityType::CPU};
    if (!device.is_cpu()) {
        activities.insert(settings::ActivityType::CUDA);
    }
    settings::ExperimentalConfig more;
    more.profile_all_threads = true;
    const settings::ProfilerConfig config(settings::ProfilerState::KINETO, false, false, false, false, false, more);
    profiler::prepareProfiler(config, activities);
    profiler::enableProfiler(config, activities);
}

Profiler::~Profiler() {
    finish();
}

std::vector<ProfiledCall> Profiler::finish() {
    std::vector<ProfiledCall> calls;
    if (!std::exchange(m_isRunning, false)) {
        return calls;
    }
    const auto result = profiler::disableProfiler();
    for (const profiler::KinetoEvent& event : result->events()) {
        if (event.deviceType() == m_type) {
            calls.push_back({event.name(), event.startThreadId(), event.startNs(), event.endNs()});
        }
    }
    return calls;
}

}  // namespace rlcm::tensor
