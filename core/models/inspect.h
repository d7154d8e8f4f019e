#pragma once
// What a model folder is, from its configs and the headers of its files; no tensor is named in this header.
#include <filesystem>
#include <vector>

#include "core/run/model_library.h"

namespace rlcm::models {

/// Facts about a folder in the diffusers or transformers layout, or about the file of a score head. The keys and shapes of
/// every network are compared with what its config asks for by building it without memory, through the code that loads it;
/// weights are not read. name and isBundled are left alone. What is wrong stands in `problems`; throws only when memory ends.
/// thread: any.
run::ModelFacts inspectModel(const std::filesystem::path& folder);
/// Opens every safetensors file under a folder, also those that no component would load, and checks header and size.
std::vector<run::ModelProblem> checkFiles(const std::filesystem::path& folder);

}  // namespace rlcm::models
