#pragma once
// The process's heap, of jemalloc or of glibc. Private to core/tensor.

namespace rlcm::tensor::heap {

/// From now on freed memory stays with the process.
void keepFreed();
/// Gives freed memory back to the system.
void releaseFreed();

}  // namespace rlcm::tensor::heap
