#pragma once
#include <string>

namespace rlcm::train {

/// What a run was made with, as JSON: product and library versions, processor, cores, memory, device. thread: any.
/// throws: Device when `device` is not there.
std::string environmentJson(const std::string& device);

}  // namespace rlcm::train
