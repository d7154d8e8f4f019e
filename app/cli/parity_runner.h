#pragma once
// core/parity without its tensor types, for the torch-free command.
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/run/choices.h"

namespace rlcm::cli {

/// Kinds of fixtures that can be run in an arithmetic: all in fp32, the networks in any.
std::vector<std::string> parityKinds(run::Dtype dtype);
/// Runs one fixture folder. Returns kind, folder, passed and quantities (name, max_abs, max_rel, tolerance, relative, passed, note).
/// throws: Config, Io, Format, Device.
Json runParity(const std::filesystem::path& folder, const std::string& device, run::Dtype dtype);

}  // namespace rlcm::cli
