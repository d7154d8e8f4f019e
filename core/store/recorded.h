#pragma once
// Workspaces that are only looked at.
#include <filesystem>

namespace rlcm::store {

/// Whether a workspace is a record of finished runs, as those that come with the program: a file "recorded" stands in it. A StoreReader leaves no file
/// beside its database, a StoreEditor refuses it. thread: any.
bool isRecorded(const std::filesystem::path& workspace);

}  // namespace rlcm::store
