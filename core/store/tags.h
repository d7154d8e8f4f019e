#pragma once
// Inside core/store only: tags of a run as one text of a row.
#include <string>
#include <vector>

namespace rlcm::store {

/// One tag a line: without blanks around it, empty ones and repeats; line breaks inside become blanks.
std::string joinTags(const std::vector<std::string>& tags);
std::vector<std::string> splitTags(const std::string& text);

}  // namespace rlcm::store
