#pragma once
// What a function of the graph keeps for its way back besides tensors. Private to core/nn.
#include <utility>

#include "core/tensor/torch.h"

namespace rlcm::nn {

template <typename T>
struct Held : torch::CustomClassHolder {
    explicit Held(T held) : value(std::move(held)) {}
    T value;
};

template <typename T>
void hold(torch::autograd::AutogradContext& context, T value) {
    context.saved_data["held"] = c10::IValue::make_capsule(c10::make_intrusive<Held<T>>(std::move(value)));
}
/// What hold<T>() was given; lives as long as the context.
template <typename T>
const T& heldOf(torch::autograd::AutogradContext& context) {
    return static_cast<const Held<T>&>(*context.saved_data["held"].toCapsule()).value;
}

}  // namespace rlcm::nn
