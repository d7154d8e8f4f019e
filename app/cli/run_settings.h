#pragma once
#include <string>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::cli {

/// Prints what runs (ids or names) were trained with: of one run every setting, its closest preset and the command that makes it again; of several
/// where they differ. throws: Config as findRun(), and when stored settings cannot be read.
void printSettings(const store::StoreReader& reader, const std::vector<std::string>& runs, bool isJson);

}  // namespace rlcm::cli
