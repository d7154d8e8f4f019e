#include "core/tensor/device.h"

#include "core/base/error.h"
#include "core/tensor/cuda_library.h"
#include "core/tensor/torch.h"
#include "core/tensor/warnings.h"

#include <fstream>
#include <optional>

#include <ATen/Version.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/version.h>

namespace rlcm::tensor {

at::Device parseDevice(std::string_view name) {
    checkTorchVersion();
    logWarnings();
    const bool wantsGpu = name != "cpu";
    if (wantsGpu) {
        loadCudaLibrary();
    }
    const bool hasCuda = wantsGpu && at::hasCUDA();
    if (name == "auto") {
        return hasCuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    }
    if (name == "cpu") {
        return at::Device(at::kCPU);
    }
    if (name == "cuda" || name.starts_with("cuda:")) {
        if (!hasCuda) {
            throw Error(ErrorKind::Device, "device \"" + std::string(name) + "\" was asked for, but this torch sees no GPU" +
                                               (cudaLibraryFailure().empty() ? "" : " (" + cudaLibraryFailure() + ")") + "; use cpu");
        }
        std::optional<at::Device> device;
        try {
            device.emplace(name == "cuda" ? std::string("cuda:0") : std::string(name));
        } catch (const std::exception&) {
            // The message below says what is allowed.
        }
        if (device && static_cast<std::size_t>(device->index()) >= at::getNumGPUs()) {
            throw Error(ErrorKind::Device,
                        "device \"" + std::string(name) + "\" was asked for, but there are " + std::to_string(at::getNumGPUs()) + " GPUs, counted from cuda:0");
        }
        if (device) {
            return *device;
        }
    }
    throw Error(ErrorKind::Device, "device \"" + std::string(name) + "\" is not known; use auto, cpu, cuda or cuda:N");
}

at::ScalarType parseDtype(std::string_view name) {
    if (name == "fp32") {
        return at::kFloat;
    }
    if (name == "bf16") {
        return at::kBFloat16;
    }
    if (name == "fp16") {
        return at::kHalf;
    }
    if (name == "fp64") {
        return at::kDouble;
    }
    throw Error(ErrorKind::Config, "dtype \"" + std::string(name) + "\" is not known; use fp32, bf16 or fp16");
}

void setIntraOpThreads(int n) {
    at::set_num_threads(n);
}

void setDeterministic() {
    auto& context = at::globalContext();
    context.setDeterministicAlgorithms(true, true);
    context.setDeterministicFillUninitializedMemory(false);
    context.setBenchmarkCuDNN(false);
    context.setDeterministicCuDNN(true);
}

std::string describe(const at::Device& device) {
    return std::string("torch ") + TORCH_VERSION + ", " + device.str() + ", " + at::get_cpu_capability();
}

std::string processorName() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("model name")) {
            return line.substr(line.find(':') + 2);
        }
    }
    return "unknown";
}

void waitFor(const at::Device& device) {
    if (!device.is_cpu()) {
        c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
    }
}

GradMode::GradMode(bool isEnabled) : m_before(at::GradMode::is_enabled()) {
    at::GradMode::set_enabled(isEnabled);
}

GradMode::~GradMode() {
    at::GradMode::set_enabled(m_before);
}

}  // namespace rlcm::tensor
