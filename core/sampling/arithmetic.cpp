#include "core/sampling/arithmetic.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <set>

#include "core/sampling/gate.h"
#include "core/sampling/setup.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {
namespace {

constexpr std::int64_t kRows = 4, kSide = 16;
constexpr int kRepeats = 3;
constexpr double kSlower = 1.1;  // less is not worth a word

/// Seconds of a 3 x 3 convolution and a product of one width, the best of some calls.
double secondsOf(std::int64_t width, std::int64_t side, at::ScalarType dtype, const at::Device& device) {
    const tensor::GradMode grad(true);
    const auto options = at::TensorOptions().dtype(dtype).device(device);
    const at::Tensor kernel = at::full({width, width, 3, 3}, 0.01, options).contiguous(at::MemoryFormat::ChannelsLast),
                     matrix = at::full({width, width}, 0.01, options);
    const at::Tensor image = at::ones({kRows, width, side, side}, options).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
    const at::Tensor tokens = at::ones({kRows, side * side, width}, options).requires_grad_(true);
    double best = std::numeric_limits<double>::infinity();
    for (int repeat = 0; repeat <= kRepeats; ++repeat) {  // the first makes what the libraries keep
        tensor::waitFor(device);
        const Stopwatch watch;
        torch::autograd::grad({at::conv2d(image, kernel, {}, 1, 1).sum() + at::linear(tokens, matrix).sum()}, {image, tokens});
        tensor::waitFor(device);
        best = repeat > 0 ? std::min(best, watch.seconds()) : best;
    }
    return best;
}

double secondsOf(const shapes::UNetShape& shape, at::ScalarType dtype, const at::Device& device) {
    double seconds = 0;
    for (const std::int64_t width : std::set<std::int64_t>(shape.blockOutChannels.begin(), shape.blockOutChannels.end())) {
        seconds += secondsOf(width, std::min(kSide, shape.sampleSize), dtype, device);
    }
    return seconds;
}

}  // namespace

double timeAgainstFp32(const shapes::UNetShape& shape, run::Dtype dtype, const at::Device& device) {
    requireDtype(dtype, device);
    const double full = secondsOf(shape, at::kFloat, device);
    return secondsOf(shape, tensor::parseDtype(toString(dtype)), device) / full;
}

std::string adviceAgainst(run::Dtype dtype, double ratio) {
    if (ratio <= kSlower) {
        return "";
    }
    char times[32];
    std::snprintf(times, sizeof times, "%.2g times", ratio);
    return "compute.dtype " + std::string(toString(dtype)) + " is slow on this device: the convolutions and products of this network take " + times +
           " as long as in fp32 (measured now); use fp32 unless memory is short";
}

}  // namespace rlcm::sampling
