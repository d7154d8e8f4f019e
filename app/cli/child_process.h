#pragma once
#include <string>
#include <vector>

namespace rlcm::cli {

/// Runs a program (searched in PATH when its name has no slash) without a shell and returns its standard output; standard error passes through.
/// throws: Io when it cannot be started or does not end with 0.
std::string runProgram(const std::vector<std::string>& arguments);
/// This program's own file.
std::string ownProgram();

}  // namespace rlcm::cli
