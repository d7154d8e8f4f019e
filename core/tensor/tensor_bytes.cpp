#include "core/tensor/tensor_bytes.h"

#include "core/tensor/torch.h"

namespace rlcm::tensor {
namespace {

struct Counter : c10::MemoryReportingInfoBase {
    std::int64_t bytes = 0;
    void reportMemoryUsage(void*, std::int64_t change, std::size_t, std::size_t, c10::Device) override { bytes += change; }
    bool memoryProfilingEnabled() const override { return true; }
};

}  // namespace

struct TensorBytes::Impl {
    std::shared_ptr<Counter> counter = std::make_shared<Counter>();
    c10::DebugInfoGuard guard{c10::DebugInfoKind::PROFILER_STATE, counter};
};

TensorBytes::TensorBytes() : m_impl(std::make_unique<Impl>()) {}
TensorBytes::~TensorBytes() = default;

std::int64_t TensorBytes::held() const {
    return m_impl->counter->bytes;
}

}  // namespace rlcm::tensor
