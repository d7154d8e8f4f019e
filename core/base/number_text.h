#pragma once
// Numbers as people read them, the same in files, on the console and in the window.
#include <string>

namespace rlcm {

/// A measured value: four significant digits, without an exponent from 0.001 to a million; "NaN", "+∞", "−∞". The minus is U+2212.
std::string valueText(double value);
/// A change with its sign, to as many decimals as the value it started from is shown with: more would only look exact. "±0" when
/// nothing is left of it, "–" for NaN.
std::string changeText(double change, double from);
/// A tick of an axis with ticks `step` apart and no value larger than `largest`: as many digits as tell it from its neighbours,
/// with k, M or G where that is shorter.
std::string tickText(double tick, double step, double largest);

}  // namespace rlcm
