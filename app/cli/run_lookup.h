#pragma once
#include <string_view>

#include "core/store/workspace.h"

namespace rlcm::cli {

/// The run with this id, or else the only one with this name. throws: Config naming the nearest id or name, or the ids that share the name.
store::RunRow findRun(const store::StoreReader& reader, std::string_view idOrName);
/// The same among the deleted runs.
store::RunRow findDeletedRun(const store::StoreReader& reader, std::string_view idOrName);

}  // namespace rlcm::cli
