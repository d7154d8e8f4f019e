#pragma once
#include <memory>

#include "core/run/model_library.h"

namespace rlcm::models {

/// The models of this user: bundled ones and the list in the user's data folder (core/run/model_registry.h). Copies go to
/// the folder models/ beside the list.
std::shared_ptr<run::ModelLibrary> makeModelLibrary();

}  // namespace rlcm::models
