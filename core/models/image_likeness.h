#pragma once
#include "core/run/image_likeness.h"

namespace rlcm::models {

/// A meter on the CPU with `threads` torch threads, which keeps the model that it was asked about last. thread: any, one measurement at a time.
run::LikenessMeter makeLikenessMeter(int threads);

}  // namespace rlcm::models
