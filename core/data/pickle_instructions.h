#pragma once
// The names of a pickle's instructions. Private to core/data.
#include <string>

namespace rlcm::data {

/// An instruction that weights have no use for, for messages: "BINFLOAT", or "number 254" where it has no name.
std::string instructionName(unsigned char code);

}  // namespace rlcm::data
