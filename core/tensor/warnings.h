#pragma once
// What torch warns of.

namespace rlcm::tensor {

/// From now on what torch warns of in this thread, and in the backward passes that it starts, is a line of the log at level debug instead of
/// one on standard error: most of it is for people who program with torch. thread: each for itself.
void logWarnings();

}  // namespace rlcm::tensor
