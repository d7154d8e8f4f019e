#pragma once
// How far a reward can be followed before it stops meaning what it should: gain against the distance from the start. Pure functions; thread: any.
#include <optional>
#include <span>

namespace rlcm::figure {

enum class GainForm {
    Rl,       ///< R = d (a - b ln d)
    BestOfN,  ///< R = d (a - b d)
};

/// The highest point of a fit.
struct Peak {
    double distance = 0, gain = 0;
    bool isPast = false;  ///< whether the largest distance seen lies beyond
};
struct GainFit {
    double a = 0, b = 0;
    double residual = 0;       ///< sum of squares
    std::optional<Peak> peak;  ///< nothing unless a and b are positive, nor where it is beyond all numbers
};
/// Ordinary least squares over the points with kl > 0, d = sqrt(kl). kl: path KL to the start in nats. Nothing for fewer than two such points or for points
/// that leave a and b open. source: Gao et al. 2022 (arXiv 2210.10760).
std::optional<GainFit> fitGain(std::span<const double> kl, std::span<const double> gain, GainForm form);

}  // namespace rlcm::figure
