#include "core/tensor/memory.h"

#include <fstream>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/machine.h"
#include "core/tensor/heap.h"
#include "core/tensor/torch.h"

#include <c10/core/CachingDeviceAllocator.h>

namespace rlcm::tensor {
namespace {

/// Bytes of a line like "VmRSS:   123 kB" about this process; 0 when it is not there.
std::int64_t bytesOfProcess(std::string_view key) {
    std::ifstream lines("/proc/self/status");
    std::string word;
    std::int64_t kib = 0;
    while (lines >> word) {
        if (word == key && lines >> kib) {
            return kib * 1024;
        }
    }
    return 0;
}

/// Works for every device whose allocator keeps books, without linking its library.
c10::DeviceAllocator& allocatorOf(const at::Device& device) {
    auto* allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
    if (allocator == nullptr) {
        throw Error(ErrorKind::Device, "the memory of device " + device.str() + " cannot be asked for");
    }
    return *allocator;
}

c10::CachingDeviceAllocator::DeviceStats statsOf(const at::Device& device) {
    return allocatorOf(device).getDeviceStats(device.index());
}

constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

}  // namespace

std::int64_t freeMemory(const at::Device& device) {
    if (device.is_cpu()) {
        return availableMemory();
    }
    const auto stats = statsOf(device);
    return static_cast<std::int64_t>(allocatorOf(device).getMemoryInfo(device.index()).first) + stats.reserved_bytes[kAll].current -
           stats.allocated_bytes[kAll].current;
}

std::int64_t totalMemory(const at::Device& device) {
    return device.is_cpu() ? rlcm::totalMemory() : static_cast<std::int64_t>(allocatorOf(device).getMemoryInfo(device.index()).second);
}

std::int64_t usedMemory(const at::Device& device) {
    return statsOf(device).allocated_bytes[kAll].current;
}

void resetPeakMemory(const at::Device& device) {
    if (device.is_cpu()) {
        std::ofstream("/proc/self/clear_refs") << "5";
    } else {
        allocatorOf(device).resetPeakStats(device.index());
    }
}

std::int64_t peakMemory(const at::Device& device) {
    return device.is_cpu() ? bytesOfProcess("VmHWM:") : statsOf(device).allocated_bytes[kAll].peak;
}

std::int64_t residentMemory() {
    return bytesOfProcess("VmRSS:");
}

void keepFreedMemory() {
    heap::keepFreed();
}

void releaseFreedMemory(const at::Device& device) {
    if (device.is_cpu()) {
        heap::releaseFreed();
    } else {
        allocatorOf(device).emptyCache();
    }
}

}  // namespace rlcm::tensor
