#pragma once
// Memory of the fake GPU: ordinary memory with a size limit and books.
#include <cstddef>

#include <c10/core/CachingDeviceAllocator.h>

namespace rlcm::fake_gpu {

constexpr c10::DeviceType kType = c10::DeviceType::CUDA;

/// Counts as torch's caching allocator does, in blocks of 512 bytes. There is no cache: reserved is what is allocated.
/// Size: RLCM_FAKE_GPU_GIB, else 16. Beyond it c10::OutOfMemoryError is thrown.
c10::DeviceAllocator& memory();

}  // namespace rlcm::fake_gpu
