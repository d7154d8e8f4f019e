#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::data {

/// The prompts of a bundled list (resources/prompts/<name>.txt) or of a text file, one a line; blank lines and lines
/// that start with '#' are skipped, duplicates dropped. `name` is untrusted. throws: Config naming the nearest list when there is neither, Format when
/// it holds no prompt, is not UTF-8, or is larger than 16 MiB.
std::vector<std::string> loadPrompts(std::string_view name);
/// Names of the bundled lists.
std::vector<std::string> bundledPromptSets();

}  // namespace rlcm::data
