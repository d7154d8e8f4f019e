#pragma once
#include <exception>
#include <string>

namespace rlcm::tensor {

/// What went wrong, for a person: the message of an Error; used up memory with what to do about it; all else as an internal error, without torch's
/// call stack. Any thread.
std::string failureText(const std::exception& failure);

}  // namespace rlcm::tensor
