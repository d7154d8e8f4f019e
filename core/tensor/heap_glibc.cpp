#include "core/tensor/heap.h"

#include <malloc.h>

namespace rlcm::tensor::heap {

void keepFreed() {
    constexpr int kNeverTrim = 2'000'000'000;
    ::mallopt(M_ARENA_MAX, 1);  // freed memory serves every compute thread; tensors are large, so the lock is hardly taken
    ::mallopt(M_MMAP_MAX, 0);   // large networks reorder weights of 100 MB in every call: a sixth of their time went into fresh pages
    ::mallopt(M_TRIM_THRESHOLD, kNeverTrim);
    ::mallopt(M_TOP_PAD, 64 << 20);
}

void releaseFreed() {
    ::malloc_trim(0);
}

}  // namespace rlcm::tensor::heap
