#include "core/nn/resnet_block.h"

#include <utility>

#include "core/tensor/torch.h"

namespace rlcm::nn {

ResnetBlock ResnetBlock::take(Weights& weights, const std::string& path, const Shape& shape) {
    ResnetBlock block;
    block.norm1 = GroupNorm::take(weights, path + ".norm1", shape.in, shape.groups, shape.eps);
    block.conv1 = Conv::take(weights, path + ".conv1", shape.in, shape.out, 3);
    block.norm2 = GroupNorm::take(weights, path + ".norm2", shape.out, shape.groups, shape.eps);
    block.conv2 = Conv::take(weights, path + ".conv2", shape.out, shape.out, 3);
    if (shape.in != shape.out) {
        block.shortcut = Conv::take(weights, path + ".conv_shortcut", shape.in, shape.out, 1);
        if (shape.skip > 0 && block.shortcut->packed) {
            block.shortcuts = {block.shortcut->ofInputs(0, shape.in - shape.skip), block.shortcut->ofInputs(shape.in - shape.skip, shape.skip)};
        }
    }
    if (shape.timeWidth > 0) {
        block.timeProjection = Linear::take(weights, path + ".time_emb_proj", shape.timeWidth, shape.out);
    }
    return block;
}

at::Tensor ResnetBlock::operator()(at::Tensor x, const at::Tensor& time) const {
    auto [h, past] = norm1.siluBranch(std::exchange(x, {}));
    h = norm2.silu(conv1(h), time);
    return conv2.plus(h, shortcut ? (*shortcut)(past) : std::move(past));
}

at::Tensor ResnetBlock::withSkip(const at::Tensor& x, const at::Tensor& skip, const at::Tensor& time) const {
    const auto joined = shortcuts.empty() ? std::nullopt : groupNormJoined({x, skip}, norm1, Activation::Silu);
    if (!joined) {
        return (*this)(at::cat({x, skip}, 1), time);
    }
    const at::Tensor h = norm2.silu(conv1(joined->normed), time);
    return conv2.plus(h, shortcuts[1].plus(joined->xs[1], shortcuts[0](joined->xs[0])));
}

}  // namespace rlcm::nn
