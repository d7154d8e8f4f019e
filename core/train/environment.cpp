#include "core/train/environment.h"

#include "core/base/json.h"
#include "core/base/machine.h"
#include "core/base/version.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"

namespace rlcm::train {
std::string environmentJson(const std::string& device) {
    return Json{{"version", kVersion},     {"torch", tensor::describe(tensor::parseDevice(device))},
                {"compiler", __VERSION__}, {"processor", tensor::processorName()},
                {"cores", usableCores()},  {"memory_available_mib", tensor::freeMemory(tensor::parseDevice("cpu")) >> 20}}
        .dump();
}

}  // namespace rlcm::train
