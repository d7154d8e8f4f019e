#include "core/tensor/heap.h"

#include <string>

#include <jemalloc/jemalloc.h>

// Read by jemalloc when the process starts. Freed memory stays for a minute, which is longer than a round that page faults would slow down; that of the largest
// tensors too, which would go back at once. Pages of 2 MiB, where Linux has them: with those of 4 KiB looking them up takes a tenth of a round and more.
extern "C" {
const char* malloc_conf = "dirty_decay_ms:60000,oversize_threshold:0,thp:always";
}

namespace rlcm::tensor::heap {

void keepFreed() {}  // malloc_conf says it

void releaseFreed() {
    ::mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
    ::mallctl(("arena." + std::to_string(MALLCTL_ARENAS_ALL) + ".purge").c_str(), nullptr, nullptr, nullptr, 0);
}

}  // namespace rlcm::tensor::heap
