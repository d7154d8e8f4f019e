#pragma once
// Text of others on a terminal of ours.
#include <string>

namespace rlcm {

/// Control characters become blanks: a name that holds them must not break a line or speak to the terminal.
std::string printable(std::string text);

}  // namespace rlcm
