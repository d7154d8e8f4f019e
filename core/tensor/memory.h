#pragma once
#include <cstdint>

#include <ATen/core/Tensor.h>

namespace rlcm::tensor {

/// Bytes that can still be allocated on a device: what the system calls available, what a GPU has free plus what torch keeps
/// unused there.
std::int64_t freeMemory(const at::Device& device);
/// Bytes that a device has, taken or free.
std::int64_t totalMemory(const at::Device& device);
/// Bytes that tensors hold now on a GPU; on the CPU see tensor_bytes.h. throws: Device for a device without such books.
std::int64_t usedMemory(const at::Device& device);
/// Starts a new peak. CPU: may do nothing where the system forbids it; the peak is then that of the process.
void resetPeakMemory(const at::Device& device);
/// Largest memory since resetPeakMemory(): resident bytes of the process on the CPU, bytes of tensors on a GPU.
std::int64_t peakMemory(const at::Device& device);
/// Resident bytes of the process now.
std::int64_t residentMemory();
/// Lets the process keep and reuse the memory of freed tensors instead of giving it back to the system after every
/// operator, which costs a tenth of a CPU round in page faults (measured). Call once, before the first large tensor.
void keepFreedMemory();
/// Gives memory that torch or the heap keeps for reuse back to the system.
void releaseFreedMemory(const at::Device& device);

}  // namespace rlcm::tensor
