#pragma once
// How far a reward can be followed before it stops meaning what it should: gain against the distance from the start. Pure functions; thread: any.
#include <cstddef>
#include <optional>
#include <span>

namespace rlcm {

/// How a reward's gain depends on the distance.
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
    GainForm form = GainForm::Rl;
    double a = 0, b = 0;
    double residual = 0;         ///< sum of squares
    std::optional<Peak> peak{};  ///< nothing unless a and b are positive, nor where it is beyond all numbers
};
/// Ordinary least squares over the points with kl > 0, d = sqrt(kl). kl: path KL to the start in nats. Nothing for fewer than two such points or for points
/// that leave a and b open. source: Gao et al. 2022 (arXiv 2210.10760).
std::optional<GainFit> fitGain(std::span<const double> kl, std::span<const double> gain, GainForm form);
/// What a fit says at a distance; 0 at 0.
double gainAt(const GainFit& fit, double distance);

/// Nearer to the start both forms are too steep, and fewer points leave them open.
inline constexpr double kFitFrom = 0.3;
inline constexpr std::size_t kFitPoints = 6;
/// The form that leaves the smaller residual over the points with sqrt(kl) > kFitFrom; nothing for fewer than kFitPoints of those.
std::optional<GainFit> betterFit(std::span<const double> kl, std::span<const double> gain);

}  // namespace rlcm
