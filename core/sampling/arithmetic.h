#pragma once
// Measures what a precision costs where a network will run, and remembers it.
#include <string>

#include "core/run/arithmetic.h"
#include "core/shapes/unet_shape.h"

namespace rlcm::sampling {

/// Times of convolutions and products of the network's widths on maps of at most 16 x 16, of a CPU on one thread: measured in a fraction of a second, or
/// read from `arithmetic.json` in the user's data folder when this device, this torch and these widths were measured before. A file that cannot be read or
/// written costs only another measurement. device: as compute.device. throws: Device.
run::ArithmeticTimes arithmeticTimes(const shapes::UNetShape& shape, const std::string& device);
/// The same for a config's model. throws: also Io, Format of the model's config.json. thread: one that may be left with one intra-op thread.
run::ArithmeticTimes arithmeticTimes(const run::RunConfig& config);
/// compute.dtype, or what auto is on the device. throws, thread: as arithmeticTimes().
run::Dtype decidedDtype(const run::RunConfig& config);

}  // namespace rlcm::sampling
