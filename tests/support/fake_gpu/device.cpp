// Presents one GPU to a libtorch without CUDA: preload this library, and "cuda:0" is there. Its memory is ordinary memory behind torch's CUDA
// dispatch key, so that a tensor on the wrong device is an error as on a real GPU, and its operators are those of the CPU. It shows whether
// tensors are where they have to be and how many bytes they take. It says nothing of speed and of CUDA's own arithmetic.
#include "tests/support/fake_gpu/memory.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

namespace rlcm::fake_gpu {
namespace {

/// All work is done when a call returns, so there is nothing to wait for.
struct Guard final : c10::impl::DeviceGuardImplInterface {
    c10::Device only() const { return {kType, 0}; }
    c10::Stream stream() const { return c10::Stream(c10::Stream::DEFAULT, only()); }

    c10::DeviceType type() const override { return kType; }
    c10::Device exchangeDevice(c10::Device) const override { return only(); }
    c10::Device getDevice() const override { return only(); }
    void setDevice(c10::Device) const override {}
    void uncheckedSetDevice(c10::Device) const noexcept override {}
    c10::Stream getStream(c10::Device) const noexcept override { return stream(); }
    c10::Stream getDefaultStream(c10::Device) const override { return stream(); }
    c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }
    c10::DeviceIndex deviceCount() const noexcept override { return 1; }
    void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
    void block(void*, const c10::Stream&) const override {}
    bool queryEvent(void*) const override { return true; }
    bool queryStream(const c10::Stream&) const override { return true; }
    void synchronizeStream(const c10::Stream&) const override {}
    void synchronizeDevice(c10::DeviceIndex) const override {}
    void recordDataPtrOnStream(const c10::DataPtr&, const c10::Stream&) const override {}
};
C10_REGISTER_GUARD_IMPL(CUDA, Guard)

struct Hooks final : at::CUDAHooksInterface {
    explicit Hooks(const at::CUDAHooksArgs&) {}
    void init() const override {}
    bool isBuilt() const override { return true; }
    bool isAvailable() const override { return true; }
    bool hasCUDA() const override { return true; }
    int getNumGPUs() const override { return 1; }
    c10::DeviceIndex deviceCount() const override { return 1; }
    c10::DeviceIndex current_device() const override { return 0; }
    c10::DeviceIndex getCurrentDevice() const override { return 0; }
    void setCurrentDevice(c10::DeviceIndex) const override {}
    c10::DeviceIndex exchangeDevice(c10::DeviceIndex) const override { return 0; }
    c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex) const override { return 0; }
    bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
    at::Device getDeviceFromPtr(void*) const override { return {kType, 0}; }
    at::Allocator* getPinnedMemoryAllocator() const override { return c10::GetDefaultCPUAllocator(); }
    void deviceSynchronize(c10::DeviceIndex) const override {}
};

const bool kIsMemoryKnown = (c10::SetAllocator(kType, &memory()), true);

}  // namespace
}  // namespace rlcm::fake_gpu

namespace at {
C10_REGISTER_TYPED_CLASS(CUDAHooksRegistry, "CUDAHooks", ::rlcm::fake_gpu::Hooks)
}
