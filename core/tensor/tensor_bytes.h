#pragma once
#include <cstdint>
#include <memory>

namespace rlcm::tensor {

/// Counts, to the byte, what tensors on the CPU take while alive, that this thread makes and frees; the heap would round each block up. thread: the one that
/// makes it, whatever others do.
class TensorBytes {
public:
    TensorBytes();
    ~TensorBytes();
    TensorBytes(const TensorBytes&) = delete;
    TensorBytes& operator=(const TensorBytes&) = delete;

    /// Bytes made since construction and not freed; negative when more was freed.
    std::int64_t held() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::tensor
