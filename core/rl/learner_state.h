#pragma once
// What a learner remembers beside its adapter, in the form that checkpoints hold.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"

namespace rlcm::rl {

struct LearnerState {
    /// By "<file>.<name>", as "optimizer.first_moment": <file>.safetensors of a checkpoint holds <name>. f32 on the CPU, copies.
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    /// By key of state.json, as "optimizer_step". Numbers are counts, not negative.
    Json values = Json::object();

    void add(std::string name, const at::Tensor& tensor);
    bool has(std::string_view name) const;
    /// throws: Format naming what the state lacks.
    const at::Tensor& tensor(std::string_view name) const;
    const Json& value(const std::string& key) const;
};

}  // namespace rlcm::rl
