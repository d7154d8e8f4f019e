#pragma once
// Numbers as people read them. All are locale-independent.
#include <QString>
#include <cstdint>
#include <string>

class QFontMetrics;

namespace rlcm::ui {

/// "0.8 s", "42 s", "3 min 05 s", "1 h 12 min", "2 d 4 h"; negative or not finite: "–".
QString formatDuration(double seconds);
/// "950", "12.3k", "4.56M", "1.2G".
QString formatCount(std::int64_t count);
/// Four significant digits without an exponent where that is readable; NaN: "NaN", infinities with sign.
QString formatReward(double value);
/// formatReward with a sign always shown: "+0.123", "−1.2", "±0".
QString formatDelta(double value);
/// "1.2 MB" in decimal units.
QString formatBytes(std::int64_t bytes);
/// "2 min ago", "yesterday", else the date; both in Unix seconds.
QString formatAgo(double at, double now);
/// Names and prompts for a tool tip, whatever they hold: nothing in them is taken as markup. Line breaks stay.
QString plainToolTip(const QString& text);
/// A name for one line of a list: line breaks and other control characters become blanks.
QString oneLine(const std::string& text);
/// A name of several words in `width` pixels: the longest words are cut in their middle, so that "rlcm H4 compressibility s0" keeps its
/// method, horizon and seed.
QString elidedName(const QString& name, const QFontMetrics& metrics, int width);
/// From now on numbers are written with a point and without groups, in widgets and by the C library, whatever the system's language.
/// Called once, after the application object is made (it sets the C library's locale).
void useOneNumberFormat();

}  // namespace rlcm::ui
