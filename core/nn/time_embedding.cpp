#include "core/nn/time_embedding.h"

#include <cmath>

#include "core/tensor/torch.h"

namespace rlcm::nn {

at::Tensor timestepSinusoid(const at::Tensor& timesteps, std::int64_t width, bool isCosFirst, std::int64_t freqShift) {
    const std::int64_t half = width / 2;
    const auto options = at::TensorOptions().dtype(at::kFloat).device(timesteps.device());
    // Made on the CPU: an exponential that is rounded the other way turns an angle of a thousand by 1e-4.
    const at::Tensor frequencies = at::arange(half, at::kFloat).mul(-std::log(10000.0)).div(static_cast<double>(half - freqShift)).exp();
    const at::Tensor angles = timesteps.reshape({-1, 1}).to(at::kFloat) * frequencies.to(timesteps.device(), true);
    std::vector<at::Tensor> parts{isCosFirst ? angles.cos() : angles.sin(), isCosFirst ? angles.sin() : angles.cos()};
    if (width % 2 != 0) {
        parts.push_back(at::zeros({angles.size(0), 1}, options));
    }
    return at::cat(parts, 1);
}

TimeEmbedding TimeEmbedding::take(Weights& weights, const std::string& path, std::int64_t in, std::int64_t out, std::int64_t guidanceWidth) {
    TimeEmbedding embedding;
    embedding.linear1 = Linear::take(weights, path + ".linear_1", in, out);
    embedding.linear2 = Linear::take(weights, path + ".linear_2", out, out);
    if (guidanceWidth > 0) {
        embedding.guidance = Linear::take(weights, path + ".cond_proj", guidanceWidth, in, false);
    }
    return embedding;
}

at::Tensor TimeEmbedding::operator()(const at::Tensor& input, const at::Tensor& guidanceEmbedding) const {
    at::Tensor x = input.to(linear1.weight.scalar_type());
    if (guidance) {
        x = x + (*guidance)(guidanceEmbedding.to(linear1.weight.options()));
    }
    return linear2(at::silu(linear1(x)));
}

}  // namespace rlcm::nn
