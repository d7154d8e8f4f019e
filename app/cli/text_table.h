#pragma once
#include <string>
#include <vector>

namespace rlcm::cli {

/// Columns of printable() cells, aligned with blanks; the first row is the header and gets a line under it. A column whose cells below the header are all numbers or empty stands right.
std::string textTable(std::vector<std::vector<std::string>> rows);
/// `text` broken at blanks into lines of at most `width` bytes, each beginning with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width = 100);
/// "1:05:09", "2:07" or "8 s".
std::string durationText(double seconds);
/// A number with `digits` significant digits; "-" for NaN.
std::string shortNumber(double value, int digits = 4);

}  // namespace rlcm::cli
