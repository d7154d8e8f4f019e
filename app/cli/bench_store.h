#pragma once
#include "core/base/json.h"

namespace rlcm::cli {

/// Times the workspace in a temporary folder: one epoch with 16 images, an epoch without, reading 10 000 points, listing runs.
Json timeStore();

}  // namespace rlcm::cli
