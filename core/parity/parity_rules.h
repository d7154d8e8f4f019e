#pragma once
// The parts of golden/rules that have files of their own. Private to core/parity.
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/parity/parity.h"

namespace rlcm::parity {

/// Tolerances: of rules in f64, and of what rests on a policy, whose schedule is in f32.
inline constexpr double kRules = 1e-10, kPolicies = 1e-5;

/// Objectives that compare two images of a prompt, and what they learn from.
void compareTwins(const Json& losses, const data::SafetensorsFile& tensors, Report& report);
/// The reward's own gradient, alone and beside the policy's.
void compareLastStep(const Json& losses, const data::SafetensorsFile& tensors, Report& report);

}  // namespace rlcm::parity
