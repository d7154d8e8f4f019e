#pragma once
// What this process may use of the machine: all of it, or what the control groups of its container or service allow.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rlcm {

/// Where the kernel tells it; tests name folders of their own.
struct MachineFiles {
    std::filesystem::path proc = "/proc";
    std::filesystem::path groups = "/sys/fs/cgroup";  ///< of version 2, of version 1, or of both
};

/// Processor threads: those that this process is bound to, no more than its quota of processor time rounded up. At least 1. thread: any.
int usableCores(const MachineFiles& files = {});
/// Bytes that can still be allocated: what the system calls available, no more than what a control group's limit leaves. 2 GiB where nobody tells. thread: any.
std::int64_t availableMemory(const MachineFiles& files = {});
/// Bytes that there are, taken or free, no more than the smallest limit. thread: any.
std::int64_t totalMemory(const MachineFiles& files = {});

/// What drives NVIDIA's GPUs; empty without one.
struct GpuDriver {
    std::string version;              ///< "580.65.06"
    std::vector<std::string> models;  ///< of the GPUs in the order of their places on the bus: "NVIDIA H100 80GB HBM3"
};
GpuDriver gpuDriver(const MachineFiles& files = {});

}  // namespace rlcm
