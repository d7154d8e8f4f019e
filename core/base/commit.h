#pragma once
// Which state of the source a program was built from.
#include <string>

namespace rlcm {

/// The commit, with "-dirty" behind it where files differed from it; empty: not known, as without git. thread: any.
const std::string& programCommit();
/// Once, before main().
void setProgramCommit(std::string commit);

}  // namespace rlcm
