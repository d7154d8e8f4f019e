#pragma once
// What ran while it was alive, by torch's own profiler.
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::tensor {

/// An operator, or on a GPU a kernel or copy.
struct ProfiledCall {
    std::string name;
    std::uint64_t thread = 0;          ///< that called an operator
    std::uint64_t begin = 0, end = 0;  ///< nanoseconds of one clock
};

/// One at a time in a process; it ends with its scope, also when what it looks at throws. thread: one; it sees all.
class Profiler {
public:
    explicit Profiler(const at::Device& device);
    ~Profiler();
    Profiler(const Profiler&) = delete;
    Profiler& operator=(const Profiler&) = delete;

    /// Ends it. Returns the operators of every thread for the CPU, for a GPU what it did; an operator's time holds that of those it called.
    std::vector<ProfiledCall> finish();

private:
    at::DeviceType m_type;
    bool m_isRunning = true;
};

}  // namespace rlcm::tensor
