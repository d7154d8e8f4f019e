#pragma once
// Takes weights out of a checkpoint by name and remembers everything that is wrong, so that one message lists it all.
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// Named tensors on their way into a network. Networks call take() for each weight they know; finish() then throws if
/// something was missing, misshaped or left over. The file layer (core/models) fills it.
class Weights {
public:
    /// `where` names the file in messages. Tensors are cast once to `dtype` on `device`.
    Weights(std::string where, std::map<std::string, at::Tensor> tensors, at::ScalarType dtype, at::Device device);
    bool has(std::string_view name) const;
    /// The tensor, cast and moved; an empty tensor of `shape` when it is missing or misshaped (the problem is kept).
    at::Tensor take(std::string_view name, at::IntArrayRef shape);
    /// Marks a name as known and unused (documented ignore list).
    void ignore(std::string_view name);
    /// throws: Format listing every missing, unexpected and misshaped key (at most 20 of each).
    void finish();
    at::ScalarType dtype() const { return m_dtype; }

private:
    std::string m_where;
    std::map<std::string, at::Tensor> m_tensors;
    at::ScalarType m_dtype;
    at::Device m_device;
    std::vector<std::string> m_missing, m_misshaped;
};

}  // namespace rlcm::nn
