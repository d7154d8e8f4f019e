#pragma once
// Whole-file reading and crash-safe writing, and where the installed resources lie.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace rlcm {

/// The bytes of a file. throws: Io when it cannot be read, Format when it is larger than `maxBytes`.
std::string readFile(const std::filesystem::path& file, std::size_t maxBytes = std::size_t{1} << 30);
/// Replaces `file` so that after a crash either the old or the new content is there: temporary file in the same
/// folder, fsync, rename, fsync of the folder. throws: Io with the system's reason.
void writeFileAtomically(const std::filesystem::path& file, std::string_view bytes);
/// Makes a folder and those above it, and syncs the folder above each new one, so that they outlast a loss of power. throws: Io.
void makeFolders(const std::filesystem::path& folder);
/// Makes the names in a folder durable, where the file system has such a call and the folder may be read. throws: Io when the disk fails.
void syncFolder(const std::filesystem::path& folder);
/// Folder with models/, prompts/, sql/: $RLCM_RESOURCES, else beside the program (../share/rlcm-workbench,
/// ../../../resources of a build tree). throws: Io naming the places tried.
std::filesystem::path resourceFolder();
/// `base/name` if `name` is a plain relative path that stays inside `base`. throws: Format otherwise.
std::filesystem::path insideFolder(const std::filesystem::path& base, std::string_view name);

}  // namespace rlcm
