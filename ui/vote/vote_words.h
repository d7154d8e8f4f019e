#pragma once
// What votes say, in words. Pure functions; thread: any.
#include <QString>
#include <functional>

#include "core/figure/votes.h"

namespace rlcm::ui {

/// How a side is called.
using SideName = std::function<QString(const figure::VoteSide&)>;

/// Wider lines are hard to read; pixels.
inline constexpr int kTextWidth = 760;

/// "67 %" of the votes that are no ties; "–" without any.
QString shareText(const figure::VoteTally& tally);
/// "35 to 88 %": the Wilson interval; "–" as above.
QString intervalText(const figure::VoteTally& tally);
/// What came out, and whether that is more than chance.
QString verdict(const figure::VoteSummary& summary);

}  // namespace rlcm::ui
