#pragma once
// Which precision a device computes a network in fastest: processors and cards differ by more than any other setting changes.
#include <functional>
#include <optional>
#include <string>

#include "core/run/choices.h"
#include "core/run/run_config.h"

namespace rlcm::run {

/// Time of the convolutions and products of a network, forward and back to their input, by that in fp32: below 1 it is faster.
struct ArithmeticTimes {
    double bf16 = 1;
    std::optional<double> fp16;  ///< only of a GPU
    bool operator==(const ArithmeticTimes&) const = default;
};
/// Measures or remembers the times of a config's model on its device. throws: what loading the model's config.json throws.
using ArithmeticTimer = std::function<ArithmeticTimes(const RunConfig&)>;

/// What `Dtype::Auto` becomes: the fastest, but fp32 unless another saves a tenth; of equals bf16, whose range is that of fp32.
Dtype fastestDtype(const ArithmeticTimes& times);
/// A sentence for people about what `asked` means on the device: what auto becomes, or how its time compares with fp32's.
std::string arithmeticText(Dtype asked, const ArithmeticTimes& times);
/// Whether `asked` takes noticeably longer than fp32 would, so that only short memory speaks for it.
bool isSlow(Dtype asked, const ArithmeticTimes& times);

}  // namespace rlcm::run
