#pragma once
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

namespace rlcm::tensor {

/// "auto" (first GPU, else CPU), "cpu", "cuda:N" or "cuda" (the first). All but "cpu" load torch's CUDA library, where there is one, and switch TF32 off.
/// throws: Device when it is not there or not understood, or when torch is not of the version that this was compiled for.
at::Device parseDevice(std::string_view name);
/// "fp32", "bf16", "fp16" or "fp64" (parity only). throws: Config.
at::ScalarType parseDtype(std::string_view name);
/// Threads that torch uses inside one operator on the calling thread; n >= 1.
void setIntraOpThreads(int n);
/// Deterministic algorithms on, no cuDNN benchmark. Call once, at the top of a run.
void setDeterministic();
/// "torch 2.13.0, cpu AVX512, ..." for the environment record.
std::string describe(const at::Device& device);

/// The processor's own name for itself, as "AMD EPYC 9554"; "unknown" where the system does not tell.
std::string processorName();

/// Returns when a GPU has done all that was asked of it; on the CPU at once. Calls return earlier there, so what is timed or told
/// between two calls needs it.
void waitFor(const at::Device& device);

/// Turns gradient recording on or off on this thread while alive (grad mode is per thread).
class GradMode {
public:
    explicit GradMode(bool isEnabled);
    ~GradMode();
    GradMode(const GradMode&) = delete;
    GradMode& operator=(const GradMode&) = delete;

private:
    bool m_before;
};

}  // namespace rlcm::tensor
