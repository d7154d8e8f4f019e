#pragma once
// The process's heap, of jemalloc or of glibc. Private to core/tensor.

namespace rlcm::tensor::heap {

/// From now on freed memory stays with the process, and large tensors lie in pages of 2 MiB where jemalloc and Linux have them.
void keepFreed();
/// Gives freed memory back to the system.
void releaseFreed();

}  // namespace rlcm::tensor::heap
