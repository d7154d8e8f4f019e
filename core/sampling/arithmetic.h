#pragma once
// How fast a precision is where a network will run: processors and cards differ by more than any setting.
#include <string>

#include <ATen/core/Tensor.h>

#include "core/run/choices.h"
#include "core/shapes/unet_shape.h"

namespace rlcm::sampling {

/// Time of convolutions and products of the network's widths, forward and back to their input, in `dtype` by that in fp32: below 1 it is faster. Measured
/// now, in a fraction of a second, on maps of at most 16 x 16: of a CPU on this thread alone. throws: Config as requireDtype().
double timeAgainstFp32(const shapes::UNetShape& shape, run::Dtype dtype, const at::Device& device);
/// A sentence that advises against `dtype` when it takes `ratio` times as long as fp32; empty when it is as fast.
std::string adviceAgainst(run::Dtype dtype, double ratio);

}  // namespace rlcm::sampling
