#pragma once
#include <QString>
#include <vector>

namespace rlcm::ui {

/// Names without the words that all of them share, for narrow places: "rlcm H4 s0", "ddpo T20 s1". Names that
/// would become empty or equal stay whole. thread: any.
std::vector<QString> shortNames(const std::vector<QString>& names);

}  // namespace rlcm::ui
