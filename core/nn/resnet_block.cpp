#include "core/nn/resnet_block.h"

#include <utility>

#include "core/nn/group_norm_pass.h"
#include "core/nn/resnet_pass.h"
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
    }
    if (shape.timeWidth > 0) {
        block.timeProjection = Linear::take(weights, path + ".time_emb_proj", shape.timeWidth, shape.out);
    }
    if (block.conv1.packed && block.conv2.packed && (!block.shortcut || block.shortcut->packed)) {
        ResnetPass::Layers layers{block.norm1, block.norm2, block.conv1.packed, block.conv2.packed, {}};
        if (block.shortcut) {
            layers.shortcuts = {block.shortcut->packed};
        }
        block.pass = std::make_shared<const ResnetPass>(layers);
        if (block.shortcut && shape.skip > 0) {
            const std::int64_t own = shape.in - shape.skip;
            layers.shortcuts = {block.shortcut->ofInputs(0, own).packed, block.shortcut->ofInputs(own, shape.skip).packed};
            block.skipPass = std::make_shared<const ResnetPass>(layers);
        }
    }
    return block;
}

at::Tensor ResnetBlock::operator()(at::Tensor x, const at::Tensor& time) const {
    if (pass && GroupNormPass::takes(x)) {
        std::vector<at::Tensor> xs;
        xs.push_back(std::exchange(x, {}));
        return ResnetPass::apply(pass, std::move(xs), time);
    }
    const at::Tensor h = norm2.silu(conv1(norm1.silu(x)), time);
    return conv2.plus(h, shortcut ? (*shortcut)(x) : std::exchange(x, {}));
}

at::Tensor ResnetBlock::withSkip(const at::Tensor& x, const at::Tensor& skip, const at::Tensor& time) const {
    return skipPass && GroupNormPass::takes(x) ? ResnetPass::apply(skipPass, {x, skip}, time) : (*this)(at::cat({x, skip}, 1), time);
}

}  // namespace rlcm::nn
