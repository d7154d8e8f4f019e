#include "core/nn/attention.h"

#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

/// [B,N,D] -> [B,heads,N,D/heads], a view.
at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads) {
    return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

}  // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads, bool isCausal) {
    const auto dtype = q.scalar_type();
    const bool isWidened = q.is_cpu() && (dtype == at::kBFloat16 || dtype == at::kHalf);
    const auto core = isWidened ? at::kFloat : dtype;
    const at::Tensor mixed =
        at::scaled_dot_product_attention(splitHeads(q.to(core), heads), splitHeads(k.to(core), heads), splitHeads(v.to(core), heads), {}, 0.0, isCausal);
    return mixed.transpose(1, 2).reshape(q.sizes()).to(dtype);
}

}  // namespace rlcm::nn
