#include "core/base/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace rlcm {
namespace {

constexpr int kDigits = 4;
constexpr const char* kMinus = "\u2212";

std::string written(double value, std::chars_format format, int decimals) {
    std::array<char, 400> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, decimals);
    return {buffer.data(), end.ptr};
}

/// Decimals that give `size` four significant digits; the exponent is that after rounding: 0.99999 has one digit before the point.
int decimalsOf(double size) {
    const std::string scientific = written(size, std::chars_format::scientific, kDigits - 1);
    return std::max(0, kDigits - 1 - std::stoi(scientific.substr(scientific.find('e') + 1)));
}

bool isAllZeros(const std::string& digits) {
    return digits.find_first_not_of("0.") == std::string::npos;
}

}  // namespace

std::string valueText(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "+\u221E" : "\u2212\u221E";
    }
    const double size = std::abs(value);
    if (size == 0) {
        return "0";
    }
    const bool isPlain = size >= 1e-3 && size < 1e6;
    const std::string digits = isPlain ? written(size, std::chars_format::fixed, decimalsOf(size)) : written(size, std::chars_format::general, kDigits);
    return (value < 0 ? kMinus : "") + digits;
}

std::string changeText(double change, double from) {
    if (std::isnan(change)) {
        return "\u2013";
    }
    if (!std::isfinite(change) || !std::isfinite(from) || from == 0 || std::abs(from) >= 1e6) {
        return change == 0 ? "\u00B10" : (change > 0 && std::isfinite(change) ? "+" : "") + valueText(change);
    }
    const std::string digits = written(std::abs(change), std::chars_format::fixed, std::min(decimalsOf(std::abs(from)), 9));
    return isAllZeros(digits) ? "\u00B10" : (change > 0 ? "+" : kMinus) + digits;
}

std::string tickText(double tick, double step, double largest) {
    struct Unit {
        double size;
        const char* name;
    };
    constexpr std::array kUnits{Unit{1e9, "G"}, Unit{1e6, "M"}, Unit{1e3, "k"}, Unit{1, ""}};
    constexpr int kMostDecimals = 3;  // of a number with a unit
    const auto decimalsFor = [step](double unit) { return std::max(0, static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-6))); };
    const double size = std::abs(tick) < step * 1e-6 ? 0.0 : std::abs(tick);
    const std::string sign = tick < 0 && size > 0 ? kMinus : "";
    // A step such as 2.5 needs one digit more than its power of ten.
    const auto digitsOf = [&](double unit) {
        const int least = decimalsFor(unit);
        const double scaled = step / unit * std::pow(10.0, least);
        return std::abs(scaled - std::round(scaled)) > 1e-6 ? least + 1 : least;
    };
    if (largest < 1e-4) {
        if (size == 0) {
            return "0";
        }
        const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
        return sign + written(size, std::chars_format::scientific, std::clamp(digitsOf(std::pow(10.0, exponent)), 0, 15));
    }
    for (const Unit& unit : kUnits) {
        const bool isLarge = largest >= unit.size * (unit.size == 1e3 ? 10 : 1);
        if (unit.size == 1 || (isLarge && digitsOf(unit.size) <= kMostDecimals)) {
            return sign + written(size / unit.size, std::chars_format::fixed, std::min(digitsOf(unit.size), 15)) + (size == 0 ? "" : unit.name);
        }
    }
    return {};
}

}  // namespace rlcm
