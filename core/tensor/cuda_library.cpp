#include "core/tensor/cuda_library.h"

#include <filesystem>
#include <fstream>

#include <dlfcn.h>

#include "core/base/error.h"
#include "core/tensor/torch.h"

#include <ATen/Version.h>
#include <torch/version.h>

namespace rlcm::tensor {
namespace {

/// The folder that torch's libraries were loaded from.
std::filesystem::path torchFolder() {
    Dl_info where{};
    const auto* function = reinterpret_cast<const void*>(&at::show_config);
    return dladdr(function, &where) != 0 ? std::filesystem::path(where.dli_fname).parent_path() : std::filesystem::path();
}

/// "2.13.0+cpu" of the file that a Python package of torch has; empty where there is none.
std::string versionIn(const std::filesystem::path& file) {
    std::ifstream lines(file);
    const std::string key = "__version__ = '";
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(key)) {
            return line.substr(key.size(), line.find('\'', key.size()) - key.size());
        }
    }
    return "";
}

std::string tryToLoad() {
    std::error_code ignored;
    const std::filesystem::path library = torchFolder() / "libtorch_cuda.so";
    if (!std::filesystem::exists(library, ignored)) {
        return "";
    }
    if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) {
        // fp32 means fp32: with the ten bits of TF32, which convolutions have by default, the update of the golden DDPO fixture is off by half.
        at::globalContext().setAllowTF32CuDNN(false);
        at::globalContext().setAllowTF32CuBLAS(false);
        return "";
    }
    const char* reason = dlerror();
    return reason != nullptr ? reason : "unknown";
}

const std::string& outcome() {
    static const std::string failure = tryToLoad();
    return failure;
}

}  // namespace

void loadCudaLibrary() {
    outcome();
}

std::string cudaLibraryFailure() {
    return outcome();
}

void checkTorchVersion() {
    const std::string built = std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR);
    const std::string found = versionIn(torchFolder().parent_path() / "version.py");
    if (!found.empty() && !found.starts_with(built + ".")) {
        throw Error(ErrorKind::Device, "this program was compiled for torch " + built + ", but " + torchFolder().string() + " holds torch " + found +
                                           "; use a torch " + built + ", or build again with RLCM_TORCH_DIR set to the folder torch of that one");
    }
}

}  // namespace rlcm::tensor
