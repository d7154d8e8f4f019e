#include "core/report/axis.h"

#include <algorithm>
#include <cmath>

#include "core/base/number_text.h"

namespace rlcm::report {
namespace {

double roundStep(double raw) {
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power * 1.0001) {
            return factor * power;
        }
    }
    return 10.0 * power;
}

}  // namespace

std::string Axis::label(double tick) const {
    return tickText(tick, step, std::max(std::abs(low), std::abs(high)));
}

Axis makeAxis(double low, double high, int count, double margin) {
    if (!std::isfinite(low) || !std::isfinite(high) || low > high) {
        low = 0;
        high = 1;
    }
    if (high - low <= 1e-12 * std::max(std::abs(low), std::abs(high)) || high == low) {
        const double half = low == 0 ? 0.5 : std::abs(low) * 0.1;
        low -= half;
        high += half;
    }
    Axis axis;
    const double extra = (high - low) * margin;
    axis.low = low - extra;
    axis.high = high + extra;
    axis.step = roundStep((axis.high - axis.low) / count);
    for (double i = std::ceil(axis.low / axis.step - 1e-9); i * axis.step <= axis.high + axis.step * 1e-9; ++i) {
        axis.ticks.push_back(i * axis.step);
    }
    return axis;
}

}  // namespace rlcm::report
