#include "core/rl/learner_state.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {

void LearnerState::add(std::string name, const at::Tensor& tensor) {
    tensors.emplace_back(std::move(name), tensor.detach().to(at::kCPU, at::kFloat, false, true));
}

bool LearnerState::has(std::string_view name) const {
    return std::ranges::any_of(tensors, [name](const auto& entry) { return entry.first == name; });
}

const at::Tensor& LearnerState::tensor(std::string_view name) const {
    const auto found = std::find_if(tensors.begin(), tensors.end(), [name](const auto& entry) { return entry.first == name; });
    if (found == tensors.end()) {
        throw Error(ErrorKind::Format, "the checkpoint lacks the tensor " + std::string(name) + "; it is of another version or of other settings");
    }
    return found->second;
}

const Json& LearnerState::value(const std::string& key) const {
    const auto found = values.find(key);
    if (found == values.end()) {
        throw Error(ErrorKind::Format, "the checkpoint lacks the value " + key + "; it is of another version or of other settings");
    }
    return *found;
}

}  // namespace rlcm::rl
