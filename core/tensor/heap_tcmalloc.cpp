#include "core/tensor/heap.h"

#include <cstddef>

#include <gperftools/malloc_extension.h>

namespace rlcm::tensor::heap {

std::int64_t usedBytes() {
    std::size_t bytes = 0;
    MallocExtension::instance()->GetNumericProperty("generic.current_allocated_bytes", &bytes);
    return static_cast<std::int64_t>(bytes);
}

void keepFreed() {
    MallocExtension::instance()->SetMemoryReleaseRate(0.0);
}

void releaseFreed() {
    MallocExtension::instance()->MarkThreadIdle();  // what this thread's cache holds goes too
    MallocExtension::instance()->ReleaseFreeMemory();
}

}  // namespace rlcm::tensor::heap
