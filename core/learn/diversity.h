#pragma once
// How different pictures are, by what a vision model sees in them. features: [n, d], rows of any length, any dtype; computed in f64 on the CPU. Tested against
// golden/measures. thread: any.
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::learn {

/// Mean of 1 - cosine over all pairs; nothing for fewer than two.
std::optional<double> pairwiseDistance(const at::Tensor& features);
/// [n] 1 - cosine to the nearest other one; empty for fewer than two.
std::vector<double> nearestDistances(const at::Tensor& features);
/// Nearer than this to another one: a copy.
inline constexpr double kNearDuplicate = 0.01;

enum class VendiOrder { One, Two, Infinite };
/// How many different ones there are, 1 to n: with the eigenvalues l of cosines / n, order 1 exp(-sum l ln l), order 2 1 / sum l^2, infinite 1 / max l.
/// source: Friedman and Dieng 2022 (arXiv 2210.02410). n >= 1.
double vendiScore(const at::Tensor& features, VendiOrder order = VendiOrder::One);

}  // namespace rlcm::learn
