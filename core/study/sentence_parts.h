#pragma once
// Inside core/study only: pieces that sentences have in common.
#include <string>

#include "core/study/answers.h"

namespace rlcm::study {

/// "+0.31"; "0" for what only rounding made.
std::string signedText(double value);
/// "99.5" of 0.995.
std::string percentText(double share);
/// "gain in best evaluation reward (mean) while the judge still recognises the images".
std::string measureText(const Asked& asked);
/// "640 reward queries", or the counter alone where no place is known.
std::string placeText(const Answer& answer);
/// Of a Best. `task`: " (RLCM H4)" or nothing.
std::string bestSentence(const Answer& answer, const std::string& task, const std::string& unit);

}  // namespace rlcm::study
