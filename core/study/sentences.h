#pragma once
// Inside core/study only: an answer in words.
#include <string>

#include "core/study/answers.h"

namespace rlcm::study {

/// "At 640 reward queries (compressibility) RLCM H4 is better than DDPO 20: ...". `config` is of a cell that it is about: its reward has the unit.
std::string sentenceOf(const Answer& answer, const run::RunConfig& config);

}  // namespace rlcm::study
