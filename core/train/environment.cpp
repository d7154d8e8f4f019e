#include "core/train/environment.h"

#include <algorithm>

#include "core/base/commit.h"
#include "core/base/json.h"
#include "core/base/machine.h"
#include "core/base/version.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"

namespace rlcm::train {
std::string environmentJson(const std::string& device) {
    const at::Device used = tensor::parseDevice(device);
    Json environment{{"version", kVersion},     {"torch", tensor::describe(used)},
                     {"compiler", __VERSION__}, {"processor", tensor::processorName()},
                     {"cores", usableCores()},  {"memory_available_mib", tensor::freeMemory(tensor::parseDevice("cpu")) >> 20},
                     {"device", used.str()}};
    if (!programCommit().empty()) {
        environment["commit"] = programCommit();
    }
    if (const GpuDriver driver = gpuDriver(); !used.is_cpu() && !driver.version.empty()) {
        environment["gpu_driver"] = driver.version;
        const auto number = static_cast<std::size_t>(std::max<int>(0, used.index()));
        environment["gpu"] = number < driver.models.size() ? driver.models[number] : std::string("unknown");
    }
    return environment.dump();
}

}  // namespace rlcm::train
