#include "core/diffusion/policy.h"

#include "core/base/error.h"
#include "core/diffusion/step_table.h"
#include "core/tensor/torch.h"

namespace rlcm::diffusion {

at::Tensor guidanceEmbedding(double guidanceScale, std::int64_t dim) {
    ensure(dim >= 4, "a guidance embedding needs at least four dimensions");
    const at::NoGradGuard noGrad;
    const std::int64_t half = dim / 2;
    // Phases reach thousands of radians, where one float32 step is visible: the order of float32 operations
    // is part of the result. Only exp is taken in double and rounded once, because its float32 kernels differ
    // between processors.
    const at::Tensor spacing = at::log(at::tensor(10000.0F)) / static_cast<double>(half - 1);
    const at::Tensor frequencies = at::exp((at::arange(half, at::kFloat) * -spacing).to(at::kDouble)).to(at::kFloat);
    const at::Tensor phase = at::tensor(static_cast<float>(guidanceScale - 1.0)) * 1000.0 * frequencies;
    const at::Tensor embedding = at::cat({at::sin(phase), at::cos(phase)}).unsqueeze(0);
    return dim % 2 == 0 ? embedding : at::constant_pad_nd(embedding, {0, 1});
}

at::Tensor combineGuidance(const at::Tensor& doubledEps, double scale) {
    ensure(doubledEps.size(0) % 2 == 0, "guidance needs as many unconditional as conditional rows");
    const auto halves = doubledEps.to(arithmetic(doubledEps)).chunk(2);
    return halves[0] + scale * (halves[1] - halves[0]);
}

}  // namespace rlcm::diffusion
