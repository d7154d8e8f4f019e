#pragma once
// The process's heap, of jemalloc or of glibc. Private to core/tensor.
#include <cstdint>

namespace rlcm::tensor::heap {

/// Bytes that are allocated now. thread: with no other allocations going on.
std::int64_t usedBytes();
/// From now on freed memory stays with the process.
void keepFreed();
/// Gives freed memory back to the system.
void releaseFreed();

}  // namespace rlcm::tensor::heap
