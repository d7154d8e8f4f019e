#include "core/nn/packed_conv.h"

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "core/nn/held.h"
#include "core/nn/residual.h"
#include "core/tensor/held_once.h"
#include "core/tensor/onednn.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kMostNumbers = 1 << 20;  ///< of a kernel
constexpr std::size_t kMostSizes = 8;           ///< of inputs whose order is kept

}  // namespace

/// The order depends on the size of the input: one copy of the kernel for each that came.
class PackedConv::Kernel {
public:
    Kernel(at::Tensor plain, bool isTurned) : m_plain(std::move(plain)), m_isTurned(isTurned) {}
    at::Tensor convolve(const at::Tensor& x, const std::optional<at::Tensor>& bias, at::Tensor added = {}) {
        const at::Tensor packed = packedFor(x.sizes());
        const std::int64_t side = m_plain.size(2);
        if (!added.defined()) {
            return tensor::onednn::convolve(x, packed, bias, side);
        }
        if (tensor::isHeldOnce(added) && added.is_contiguous(at::MemoryFormat::ChannelsLast) && tensor::onednn::convolvesIntoExactly(added)) {
            tensor::onednn::convolveInto(added, x, packed, bias, side);
            return added;
        }
        return tensor::onednn::convolveAdding(x, packed, bias, side, added);
    }

private:
    at::Tensor packedFor(at::IntArrayRef size) {
        const std::lock_guard lock(m_mutex);
        if (m_packed.size() > kMostSizes) {
            m_packed.clear();
        }
        at::Tensor& packed = m_packed[{size[0], size[2], size[3]}];
        if (!packed.defined()) {
            packed = tensor::onednn::pack(m_isTurned ? m_plain.flip({2, 3}).transpose(0, 1).contiguous(at::MemoryFormat::ChannelsLast) : m_plain, size);
        }
        return packed;
    }
    const at::Tensor m_plain;
    const bool m_isTurned;  // only where a gradient is asked for is it made
    std::mutex m_mutex;
    std::map<std::array<std::int64_t, 3>, at::Tensor> m_packed;
};

namespace {

struct PackedConvFunction : torch::autograd::Function<PackedConvFunction> {
    using Conv = std::shared_ptr<const PackedConv>;  // kept for as long as the graph

    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const Residual& added, const Conv& conv) {
        const tensor::Unrecorded plain;
        hold<Conv>(*context, conv);
        return conv->forward(x, noteResidual(*context, added));
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        // The x of a frozen skip wants none.
        const at::Tensor ofX = context->needs_input_grad(0) ? heldOf<Conv>(*context)->backward(gradients[0]) : at::Tensor();
        return {ofX, residualGradient(*context, gradients[0]), {}};
    }
};

}  // namespace

PackedConv::PackedConv(const at::Tensor& weight, const at::Tensor& bias)
    : m_forward(std::make_unique<Kernel>(weight, false)),
      m_backward(std::make_unique<Kernel>(weight, true)),
      m_bias(bias.defined() ? std::optional(bias) : std::nullopt) {}

PackedConv::~PackedConv() = default;

std::shared_ptr<const PackedConv> PackedConv::of(const at::Tensor& weight, const at::Tensor& bias) {
    return weight.numel() <= kMostNumbers && tensor::onednn::takes(weight) ? std::make_shared<const PackedConv>(weight, bias) : nullptr;
}

at::Tensor PackedConv::apply(const std::shared_ptr<const PackedConv>& conv, const at::Tensor& x, at::Tensor added) {
    if (recordsGradient(x) || (added.defined() && recordsGradient(added))) {
        return PackedConvFunction::apply(x, residualOf(added), conv);
    }
    return conv->forward(x, std::move(added));
}

at::Tensor PackedConv::forward(const at::Tensor& x, at::Tensor added) const {
    return m_forward->convolve(x, m_bias, std::move(added));
}

at::Tensor PackedConv::backward(const at::Tensor& gradient) const {
    return m_backward->convolve(gradient, std::nullopt);
}

}  // namespace rlcm::nn
