#include "tests/support/fake_gpu/memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include <c10/util/Exception.h>

namespace rlcm::fake_gpu {
namespace {

constexpr std::size_t kBlock = 512, kGib = std::size_t{1} << 30, kDefaultGib = 16;

std::size_t roundedUp(std::size_t bytes) {
    return (bytes + kBlock - 1) / kBlock * kBlock;
}

class Memory final : public c10::DeviceAllocator {
public:
    Memory() {
        const char* gib = std::getenv("RLCM_FAKE_GPU_GIB");
        m_total = static_cast<std::size_t>((gib != nullptr ? std::atof(gib) : static_cast<double>(kDefaultGib)) * static_cast<double>(kGib));
    }

    c10::DataPtr allocate(std::size_t bytes) override {
        const std::size_t size = roundedUp(bytes);
        const std::lock_guard lock(m_mutex);
        TORCH_CHECK_WITH(OutOfMemoryError, m_used + size <= m_total, "CUDA out of memory. Tried to allocate ", size, " bytes; ", m_total - m_used, " of ",
                         m_total, " bytes are free.");
        void* block = size == 0 ? nullptr : std::aligned_alloc(kBlock, size);
        if (block != nullptr) {
            m_sizes[block] = size;
            m_used += size;
            m_peak = std::max(m_peak, m_used);
        }
        return {block, block, &Memory::free, c10::Device(kType, 0)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &Memory::free; }
    void copy_data(void* target, const void* source, std::size_t count) const override { std::memcpy(target, source, count); }

    bool initialized() override { return true; }
    void emptyCache(c10::MempoolId_t) override {}
    void recordStream(const c10::DataPtr&, c10::Stream) override {}
    void resetAccumulatedStats(c10::DeviceIndex) override {}
    void resetPeakStats(c10::DeviceIndex) override {
        const std::lock_guard lock(m_mutex);
        m_peak = m_used;
    }
    c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override {
        const std::lock_guard lock(m_mutex);
        c10::CachingDeviceAllocator::DeviceStats stats;
        auto& allocated = stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
        allocated.current = static_cast<std::int64_t>(m_used);
        allocated.peak = static_cast<std::int64_t>(m_peak);
        stats.reserved_bytes = stats.allocated_bytes;
        return stats;
    }
    std::pair<std::size_t, std::size_t> getMemoryInfo(c10::DeviceIndex) override {
        const std::lock_guard lock(m_mutex);
        return {m_total - m_used, m_total};
    }

private:
    static void free(void* block);

    std::mutex m_mutex;
    std::size_t m_total = 0, m_used = 0, m_peak = 0;
    std::unordered_map<void*, std::size_t> m_sizes;
};

Memory& theMemory() {
    static auto* memory = new Memory;  // never destroyed: tensors in statics outlive it otherwise
    return *memory;
}

void Memory::free(void* block) {
    Memory& memory = theMemory();
    const std::lock_guard lock(memory.m_mutex);
    const auto found = memory.m_sizes.find(block);
    if (found != memory.m_sizes.end()) {
        memory.m_used -= found->second;
        memory.m_sizes.erase(found);
        std::free(block);
    }
}

}  // namespace

c10::DeviceAllocator& memory() {
    return theMemory();
}

}  // namespace rlcm::fake_gpu
