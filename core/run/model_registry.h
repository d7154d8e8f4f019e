#pragma once
// Which models have names: the bundled ones, and those that the user has added. The list of added ones is a small JSON file
// of the user, written atomically; several processes may change it.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/model_library.h"

namespace rlcm::run {

/// Folder of the user's data: $XDG_DATA_HOME/rlcm-workbench, else ~/.local/share/rlcm-workbench. The list of models is
/// models.json there. throws: Io when neither variable nor home is known.
std::filesystem::path userDataFolder();
/// Folders of resources/models, by name.
std::vector<ModelEntry> bundledModels();
/// What was added, by name. throws: Format naming the file when it cannot be understood, Io.
std::vector<ModelEntry> addedModels();
/// Adds `entry`; an empty name is made from the folder's and does not collide. Returns it with name and absolute folder. The
/// same folder twice is the first entry again.
/// throws: Config for a name that is not made of letters, digits, "." "_" "+" "-", or is taken.
ModelEntry rememberModel(ModelEntry entry);
/// Takes an added model off the list and returns what it was. throws: Config when there is none of that name.
ModelEntry forgetModel(std::string_view name);
/// Folder (or file) behind a setting: a bundled name, an added name, or a path.
/// throws: Config naming the nearest known model when it is none of these.
std::filesystem::path modelFolder(std::string_view nameOrFolder);

}  // namespace rlcm::run
