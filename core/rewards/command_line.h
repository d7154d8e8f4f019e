#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::rewards {

/// The arguments of a command line, split as a shell would but with nothing expanded: spaces separate, '...'
/// takes everything literally, "..." knows \" and \\, a backslash outside quotes takes the next character
/// literally. throws: Config for an open quote, a backslash at the end, or no argument at all.
std::vector<std::string> splitCommandLine(std::string_view line);

}  // namespace rlcm::rewards
