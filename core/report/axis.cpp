#include "core/report/axis.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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

std::string fixedText(double value, int decimals) {
    std::array<char, 400> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
    return {buffer.data(), end.ptr};
}

}  // namespace

std::string Axis::label(double tick) const {
    const double size = std::max(std::abs(low), std::abs(high));
    double divisor = 1;
    const char* suffix = "";
    if (size >= 2e6 && step >= 1e4) {
        divisor = 1e6;
        suffix = "M";
    } else if (size >= 1e4 && step >= 100) {
        divisor = 1e3;
        suffix = "k";
    }
    if (size >= 1e9 || (size > 0 && size < 1e-4)) {
        std::array<char, 40> buffer{};
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), tick, std::chars_format::scientific, 1);
        return {buffer.data(), end.ptr};
    }
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step / divisor) - 1e-9)), 0, 9);
    const double rounded = std::abs(tick) < step * 1e-6 ? 0.0 : tick;
    const std::string number = fixedText(rounded / divisor, decimals);
    return number + (rounded == 0.0 ? "" : suffix);
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
