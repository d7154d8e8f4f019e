#include "core/run/arithmetic.h"

#include <cstdio>

namespace rlcm::run {
namespace {

constexpr double kWorthIt = 0.9;  // of fp32's time: less saved is not worth the coarser numbers
constexpr double kSlower = 1.1;   // more is worth a warning

double timeOf(Dtype dtype, const ArithmeticTimes& times) {
    return dtype == Dtype::Bf16 ? times.bf16 : dtype == Dtype::Fp16 ? times.fp16.value_or(1) : 1;
}

std::string timesText(double ratio) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2g times", ratio);
    return text;
}

}  // namespace

Dtype fastestDtype(const ArithmeticTimes& times) {
    const Dtype low = times.fp16 && *times.fp16 < kWorthIt * times.bf16 ? Dtype::Fp16 : Dtype::Bf16;
    return timeOf(low, times) <= kWorthIt ? low : Dtype::Fp32;
}

std::string arithmeticText(Dtype asked, const ArithmeticTimes& times) {
    const Dtype fastest = fastestDtype(times);
    const std::string bf16 = "bf16 takes " + timesText(times.bf16) + " as long as fp32";
    if (asked == Dtype::Auto) {
        return "auto is " + std::string(toString(fastest)) +
               " on this device: " + (fastest == Dtype::Fp16 ? "fp16 takes " + timesText(*times.fp16) + " as long as fp32" : bf16);
    }
    if (asked == Dtype::Fp32) {
        return fastest == Dtype::Fp32 ? "fp32 is the fastest on this device: " + bf16
                                      : std::string(toString(fastest)) + " would take " + timesText(timeOf(fastest, times)) + " as long on this device";
    }
    return std::string(toString(asked)) + " takes " + timesText(timeOf(asked, times)) + " as long as fp32 on this device" +
           (isSlow(asked, times) ? ": use auto or fp32 unless memory is short" : "");
}

bool isSlow(Dtype asked, const ArithmeticTimes& times) {
    return asked != Dtype::Auto && timeOf(asked, times) > kSlower;
}

}  // namespace rlcm::run
