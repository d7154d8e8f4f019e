#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::data {

struct PromptList {
    std::vector<std::string> texts;  ///< in the order of the file; a prompt that stands there twice is drawn twice as often
    std::string note;                ///< a sentence about lines that were skipped and prompts that are repeated; empty when all is plain
    /// Each prompt once, where it first stands.
    std::vector<std::string> distinct() const;
};

/// The prompts of a bundled list (resources/prompts/<name>.txt) or of a text file, one a line, in UTF-8 with or without a byte order mark; lines
/// end with LF, CR LF or CR. Blank lines, which hold only white space and characters without a shape, and comments, which start with '#' and
/// white space, are skipped; "#1 dog" is a prompt. `name` is untrusted. throws: Config naming the nearest list when there is neither, Format when
/// it holds no prompt, is not UTF-8, is a git-lfs pointer, or is larger than 16 MiB.
PromptList loadPrompts(std::string_view name);
/// Names of the bundled lists.
std::vector<std::string> bundledPromptSets();

}  // namespace rlcm::data
