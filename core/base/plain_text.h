#pragma once
// Text of others where we show it.
#include <string>
#include <string_view>

namespace rlcm {

/// Control characters become blanks: a name that holds them must not break a line or speak to the terminal.
std::string printable(std::string text);
/// `text` with `by` in the place of every `what`, which must not be empty; what comes in is not looked at again.
std::string replaced(std::string text, std::string_view what, std::string_view by);

}  // namespace rlcm
