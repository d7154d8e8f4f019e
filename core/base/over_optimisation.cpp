#include "core/base/over_optimisation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/error.h"

namespace rlcm {
namespace {

constexpr double kOpen = 1e-12;  // of the squared lengths: the two directions are one

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

Peak peakOf(const GainFit& fit, GainForm form, double farthest) {
    if (form == GainForm::Rl) {
        const double distance = std::exp(fit.a / fit.b - 1);
        return {.distance = distance, .gain = fit.b * distance, .isPast = farthest > distance};
    }
    const double distance = fit.a / (2 * fit.b);
    return {.distance = distance, .gain = fit.a * fit.a / (4 * fit.b), .isPast = farthest > distance};
}

}  // namespace

std::optional<GainFit> fitGain(std::span<const double> kl, std::span<const double> gain, GainForm form) {
    ensure(kl.size() == gain.size(), "every distance needs its gain");
    std::vector<double> first, second, target;  // R = a first + b second
    for (std::size_t i = 0; i < kl.size(); ++i) {
        if (kl[i] > 0 && std::isfinite(kl[i]) && std::isfinite(gain[i])) {
            const double d = std::sqrt(kl[i]);
            first.push_back(d);
            second.push_back(form == GainForm::Rl ? -d * std::log(d) : -d * d);
            target.push_back(gain[i]);
        }
    }
    if (first.size() < 2) {
        return std::nullopt;
    }
    // The second direction made orthogonal to the first: no digits are lost where both nearly agree.
    const double along = dot(first, second) / dot(first, first);
    std::vector<double> rest = second;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        rest[i] -= along * first[i];
    }
    if (dot(rest, rest) <= kOpen * dot(second, second)) {
        return std::nullopt;
    }
    GainFit fit{.form = form};
    fit.b = dot(rest, target) / dot(rest, rest);
    fit.a = dot(first, target) / dot(first, first) - along * fit.b;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const double error = target[i] - fit.a * first[i] - fit.b * second[i];
        fit.residual += error * error;
    }
    if (fit.a > 0 && fit.b > 0) {
        const Peak peak = peakOf(fit, form, *std::max_element(first.begin(), first.end()));
        fit.peak = std::isfinite(peak.distance) && std::isfinite(peak.gain) ? std::optional(peak) : std::nullopt;
    }
    return fit;
}

double gainAt(const GainFit& fit, double distance) {
    const double turn = fit.form == GainForm::Rl ? std::log(distance) : distance;
    return distance > 0 ? distance * (fit.a - fit.b * turn) : 0;
}

std::optional<GainFit> betterFit(std::span<const double> kl, std::span<const double> gain) {
    ensure(kl.size() == gain.size(), "every distance needs its gain");
    std::vector<double> far, gained;
    for (std::size_t i = 0; i < kl.size(); ++i) {
        if (kl[i] > kFitFrom * kFitFrom && std::isfinite(gain[i])) {
            far.push_back(kl[i]);
            gained.push_back(gain[i]);
        }
    }
    if (far.size() < kFitPoints) {
        return std::nullopt;
    }
    const auto rl = fitGain(far, gained, GainForm::Rl), best = fitGain(far, gained, GainForm::BestOfN);
    return !best || (rl && rl->residual <= best->residual) ? rl : best;
}

}  // namespace rlcm
