#pragma once
// The text that stands in the place of a file when a repository was cloned without git-lfs.
#include <string_view>

namespace rlcm {

/// throws: Format naming git-lfs and what to do when `bytes`, the contents of the file `where` or their start, are such a pointer.
void refuseLfsPointer(std::string_view bytes, std::string_view where);

}  // namespace rlcm
