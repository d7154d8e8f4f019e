#pragma once
// A group norm on the CPU without the graph. Private to core/nn.
#include <cstdint>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

struct GroupNorm;
enum class Activation;
namespace kernels {
struct NormImage;
}

/// activation(groupNorm(x + shift)) of one tensor, or of several whose channels follow each other, and its way back. All images lie channels last. thread: any.
class GroupNormPass {
public:
    /// Whether it is the way for such a tensor; elsewhere torch's operators are.
    static bool takes(const at::Tensor& x);

    /// shift [1 or B, C] or undefined.
    GroupNormPass(const at::Tensor& shift, const GroupNorm& norm, Activation activation);

    /// Room for mean and slope of every group: f32 [images, groups, 2].
    at::Tensor emptyStats(std::int64_t images) const;
    /// y [B,C,H,W], all channels of xs, may be the only x. Writes the statistics that the way back reads.
    void forward(at::TensorList xs, const at::Tensor& y, const at::Tensor& stats) const;

    struct Gradients {
        const at::Tensor& y;
        at::TensorList past;  ///< what each x gets besides, or undefined
        at::TensorList xs;    ///< where that of each x is written, undefined where it is not wanted; that of a single x may be y
    };
    void backward(at::TensorList xs, const at::Tensor& stats, const Gradients& gradients) const;

private:
    kernels::NormImage image(const at::Tensor& x, std::int64_t row, float* stats, float* room) const;

    at::Tensor m_shift, m_weight, m_bias;  // f32, contiguous
    std::int64_t m_groups;
    bool m_hasSilu;
    double m_eps;
};

/// x itself where its images lie channels last already.
at::Tensor asChannelsLast(at::Tensor x);
/// Room for all channels of xs side by side: [B,C,H,W], channels last.
at::Tensor emptyJoined(at::TensorList xs);

}  // namespace rlcm::nn
