#pragma once
#include "core/tensor/torch.h"

namespace rlcm::tensor {

/// While it lives, operators of this thread do not look whether a gradient is recorded: for where none is in any case, as inside of a function of the graph.
using Unrecorded = at::AutoDispatchBelowADInplaceOrView;

}  // namespace rlcm::tensor
