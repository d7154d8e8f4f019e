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

std::vector<double> ticksOf(const Axis& axis) {
    std::vector<double> ticks;
    for (double i = std::ceil(axis.low / axis.step - 1e-9); i * axis.step <= axis.high + axis.step * 1e-9; ++i) {
        ticks.push_back(i * axis.step);
    }
    return ticks;
}

}  // namespace

std::string Axis::label(double tick) const {
    if (step > 0) {
        return tickText(tick, step, std::max(std::abs(low), std::abs(high)));
    }
    // Each stands alone and is written with its own digits only.
    return tickText(tick, std::pow(10.0, std::floor(std::log10(tick) + 1e-9)), tick);
}

double Axis::fraction(double value) const {
    return isLog ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

Axis makeAxis(double low, double high, int count, double margin, double leastStep) {
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
    axis.step = std::max(leastStep, roundStep((axis.high - axis.low) / count));
    axis.ticks = ticksOf(axis);
    while (axis.ticks.size() < 2 && axis.step > leastStep) {
        axis.step = std::max(leastStep, roundStep(axis.step / 2.5));
        axis.ticks = ticksOf(axis);
    }
    return axis;
}

Axis makeLogAxis(double low, double high, int count, double margin) {
    if (!(low > 0) || !std::isfinite(high) || low > high) {
        low = 0.1;
        high = 10;
    }
    const double air = std::pow(std::max(high / low, 1.2), margin);
    Axis axis{.low = low / air, .high = high * air, .step = 0, .isLog = true};
    const double decades = std::log10(axis.high / axis.low);
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / count)));
    for (int power = static_cast<int>(std::floor(std::log10(axis.low))); power <= std::log10(axis.high); ++power) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double tick = factor * std::pow(10.0, power);
            const bool isWanted = factor == 1.0 ? power % stride == 0 : decades * 3 <= count;
            if (isWanted && tick >= axis.low * (1 - 1e-9) && tick <= axis.high * (1 + 1e-9)) {
                axis.ticks.push_back(tick);
            }
        }
    }
    if (axis.ticks.size() < 3) {
        const Axis even = makeAxis(axis.low, axis.high, count, 0.0);
        axis.step = even.step;
        axis.ticks = even.ticks;
    }
    return axis;
}

}  // namespace rlcm::report
