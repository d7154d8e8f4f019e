#pragma once
// Inside core/store only: where evaluation images lie, and how they get there.
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/run/run_event.h"

namespace rlcm::store {

/// runs/<id>/images/e00012, relative to the workspace: sorted by name is sorted by epoch.
std::filesystem::path imageFolder(const run::RunId& id, std::int64_t epoch);
/// File of one image inside imageFolder, as 007.png.
std::filesystem::path imageFile(const run::RunId& id, std::int64_t epoch, std::int64_t index);
/// Writes the images of an evaluation; each file appears whole, and all are on the disk when it returns. throws: Store, Io
/// with the system's reason.
void writeImages(const std::filesystem::path& workspace, const run::EvaluationDone& event);

}  // namespace rlcm::store
