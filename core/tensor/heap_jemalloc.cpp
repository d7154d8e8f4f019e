#include "core/tensor/heap.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>

#include <jemalloc/jemalloc.h>
#include <sys/mman.h>

#include "core/base/error.h"
#include "core/tensor/torch.h"

#include <c10/core/CPUAllocator.h>

// Read by jemalloc when the process starts. Freed memory stays for a minute, which is longer than a round that page faults would slow down; that of the largest
// tensors too, which would go back at once. Free pieces serve what is much smaller too: between two rounds all tensors are one such piece.
extern "C" {
const char* malloc_conf = "dirty_decay_ms:60000,oversize_threshold:0,lg_extent_max_active_fit:30";
}

namespace rlcm::tensor::heap {
namespace {

constexpr std::size_t kHugePage = 2 << 20;

/// Fresh memory that begins with a huge page and asks for more of them; null where there is none.
void* mapHuge(std::size_t size, std::size_t alignment) {
    alignment = std::max(alignment, kHugePage);
    void* const wide = ::mmap(nullptr, size + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (wide == MAP_FAILED) {
        return nullptr;
    }
    auto* const first = static_cast<std::byte*>(wide);
    const std::size_t before = (alignment - reinterpret_cast<std::uintptr_t>(wide) % alignment) % alignment;
    if (before > 0) {
        ::munmap(first, before);
    }
    ::munmap(first + before + size, alignment - before);
    ::madvise(first + before, size, MADV_HUGEPAGE);
    return first + before;
}

/// jemalloc's number of an arena in huge pages, which keeps what is freed until releaseFreed().
unsigned makeHugeArena() {
    static extent_hooks_t hooks{
        .alloc = [](extent_hooks_t*, void* place, std::size_t size, std::size_t alignment, bool* isZero, bool* isCommitted, unsigned) -> void* {
            *isZero = *isCommitted = true;
            return place == nullptr ? mapHuge(size, alignment) : nullptr;
        },
        .dalloc = nullptr,
        .destroy = nullptr,
        .commit = nullptr,
        .decommit = nullptr,
        .purge_lazy = nullptr,
        .purge_forced = [](extent_hooks_t*, void* memory, std::size_t, std::size_t offset, std::size_t length,
                           unsigned) { return ::madvise(static_cast<std::byte*>(memory) + offset, length, MADV_DONTNEED) != 0; },
        .split = [](auto...) { return false; },  // no failure
        .merge = [](auto...) { return false; },
    };
    extent_hooks_t* given = &hooks;
    unsigned arena = 0;
    std::size_t size = sizeof arena;
    ensure(::mallctl("arenas.create", &arena, &size, &given, sizeof given) == 0, "jemalloc makes an arena");
    ssize_t never = -1;
    ::mallctl(("arena." + std::to_string(arena) + ".dirty_decay_ms").c_str(), nullptr, nullptr, &never, sizeof never);
    return arena;
}

/// Large tensors lie in huge pages: with those of 4 KiB looking them up takes a twentieth of a round, with two threads a tenth. Nothing else does: with all memory in such
/// pages a window beside a run grew by 100 MB in half an hour.
class HugeTensors : public c10::Allocator {
public:
    c10::DataPtr allocate(std::size_t size) override {
        constexpr std::size_t kLeast = 1 << 15, kAlignment = 64;  // less than that jemalloc's thread caches hold
        if (size < kLeast) {
            return m_small->allocate(size);
        }
        void* const memory = ::mallocx(size, MALLOCX_ALIGN(kAlignment) | MALLOCX_ARENA(m_arena) | MALLOCX_TCACHE_NONE);
        if (memory == nullptr) {
            return m_small->allocate(size);  // which has none either, and says so
        }
        c10::profiledCPUMemoryReporter().New(memory, size);
        return {memory, memory, raw_deleter(), at::kCPU};
    }
    c10::DeleterFnPtr raw_deleter() const override { return m_small->raw_deleter(); }  // jemalloc knows of every piece whose it is
    void copy_data(void* to, const void* from, std::size_t count) const override { std::memcpy(to, from, count); }

private:
    c10::Allocator* const m_small = c10::GetCPUAllocator();
    const unsigned m_arena = makeHugeArena();
};

}  // namespace

void keepFreed() {  // malloc_conf has said it
    static HugeTensors tensors;
    static std::once_flag isSet;
    std::call_once(isSet, [] { c10::SetCPUAllocator(&tensors); });
}

void releaseFreed() {
    ::mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
    ::mallctl(("arena." + std::to_string(MALLCTL_ARENAS_ALL) + ".purge").c_str(), nullptr, nullptr, nullptr, 0);
}

}  // namespace rlcm::tensor::heap
