#include "core/nn/resnet_pass.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/nn/group_norm_pass.h"
#include "core/nn/held.h"
#include "core/nn/residual.h"
#include "core/tensor/torch.h"
#include "core/tensor/unrecorded.h"

namespace rlcm::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct ResnetFunction : torch::autograd::Function<ResnetFunction> {
    using Pass = std::shared_ptr<const ResnetPass>;  // kept for as long as the graph
    struct Frozen {
        const Pass& pass;
        const at::Tensor& shift;
    };

    static at::Tensor forward(AutogradContext* context, at::TensorList xs, const Frozen& frozen) {
        const tensor::Unrecorded plain;
        ResnetPass::Kept kept;
        at::Tensor y = frozen.pass->forward(xs.vec(), frozen.shift, &kept);
        variable_list saved{kept.inner, kept.stats1, kept.stats2, frozen.shift};
        saved.insert(saved.end(), xs.begin(), xs.end());
        context->save_for_backward(std::move(saved));
        hold(*context, frozen.pass);
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const tensor::Unrecorded plain;
        const variable_list saved = context->get_saved_variables();
        const at::TensorList xs = at::TensorList(saved).slice(4);
        std::vector<bool> isWanted;
        for (std::size_t i = 0; i < xs.size(); ++i) {
            isWanted.push_back(context->needs_input_grad(i));
        }
        const ResnetPass::Kept kept{saved[0], saved[1], saved[2]};
        variable_list result = heldOf<Pass>(*context)->backward(xs, kept, saved[3], {asChannelsLast(gradients[0]), isWanted});
        result.emplace_back();  // of the frozen
        return result;
    }
};

}  // namespace

at::Tensor ResnetPass::apply(const std::shared_ptr<const ResnetPass>& pass, std::vector<at::Tensor> xs, const at::Tensor& time) {
    std::int64_t channels = 0;
    for (at::Tensor& x : xs) {
        ensure(x.size(0) == xs[0].size(0) && x.sizes().slice(2) == xs[0].sizes().slice(2), "the parts of a state want one size");
        channels += x.size(1);
        x = asChannelsLast(std::move(x));
    }
    ensure(channels == pass->m_layers.norm1.weight.size(0), "a residual block wants the channels of its norm");
    const at::Tensor shift = shiftOf(time, xs[0].size(0));
    if (std::ranges::any_of(xs, recordsGradient)) {
        return ResnetFunction::apply(at::TensorList(xs), ResnetFunction::Frozen{pass, shift});
    }
    return pass->forward(std::move(xs), shift, nullptr);
}

at::Tensor ResnetPass::forward(std::vector<at::Tensor> xs, const at::Tensor& shift, Kept* kept) const {
    const GroupNormPass norm1({}, m_layers.norm1, Activation::Silu), norm2(shift, m_layers.norm2, Activation::Silu);
    const at::Tensor stats1 = norm1.emptyStats(xs[0].size(0)), stats2 = norm2.emptyStats(xs[0].size(0));
    at::Tensor normed = emptyJoined(xs);
    norm1.forward(xs, normed, stats1);
    const at::Tensor inner = m_layers.conv1->forward(std::exchange(normed, {}), {});
    normed = kept == nullptr ? inner : at::empty_like(inner);
    norm2.forward(inner, normed, stats2);
    at::Tensor past = m_layers.shortcuts.empty() ? std::exchange(xs[0], {}) : at::Tensor();
    for (std::size_t i = 0; i < m_layers.shortcuts.size(); ++i) {
        past = m_layers.shortcuts[i]->forward(xs[i], std::move(past));
    }
    if (kept != nullptr) {
        *kept = {inner, stats1, stats2};
    }
    return m_layers.conv2->forward(normed, std::move(past));
}

std::vector<at::Tensor> ResnetPass::backward(at::TensorList xs, const Kept& kept, const at::Tensor& shift, const Asked& asked) const {
    const auto& [dy, isWanted] = asked;
    at::Tensor outer = m_layers.conv2->backward(dy);
    // The gradient of a norm takes the place of its result's: memory that the cache still has.
    GroupNormPass(shift, m_layers.norm2, Activation::Silu).backward(kept.inner, kept.stats2, {.y = outer, .past = at::Tensor(), .xs = outer});
    const at::Tensor inner = m_layers.conv1->backward(std::exchange(outer, {}));
    std::vector<at::Tensor> past, dxs;
    for (std::size_t i = 0; i < xs.size(); ++i) {
        past.push_back(!isWanted[i] ? at::Tensor() : m_layers.shortcuts.empty() ? dy : m_layers.shortcuts[i]->backward(dy));
        dxs.push_back(!isWanted[i] ? at::Tensor() : xs.size() == 1 ? inner : at::empty_like(xs[i]));
    }
    GroupNormPass({}, m_layers.norm1, Activation::Silu).backward(xs, kept.stats1, {.y = inner, .past = past, .xs = dxs});
    return dxs;
}

}  // namespace rlcm::nn
