#pragma once
// Where a network takes its weights from: networks ask an open Weights for each tensor they know by name and shape, so that the
// same building code loads a file, makes random weights or only writes down what it wants.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// "[4, 320]".
std::string shapeText(at::IntArrayRef shape);

/// Base of the three sources. thread: one at a time.
class Weights {
public:
    virtual ~Weights() = default;
    Weights(const Weights&) = delete;
    Weights& operator=(const Weights&) = delete;

    /// The weight `name` of `shape` in dtype() on device(), contiguous.
    at::Tensor take(std::string_view name, at::IntArrayRef shape);
    /// Marks a name as known and unused (documented ignore list).
    virtual void ignore(std::string_view) {}
    /// Ends the building. throws: Format when the source does not fit the network.
    virtual void finish() {}
    at::ScalarType dtype() const { return m_dtype; }
    at::Device device() const { return m_device; }
    /// Numbers in all weights taken so far.
    std::int64_t parameterCount() const { return m_parameterCount; }

protected:
    Weights(at::ScalarType dtype, at::Device device) : m_dtype(dtype), m_device(device) {}
    at::TensorOptions options() const { return at::TensorOptions().dtype(m_dtype).device(m_device); }

private:
    virtual at::Tensor make(std::string_view name, at::IntArrayRef shape) = 0;

    at::ScalarType m_dtype;
    at::Device m_device;
    std::int64_t m_parameterCount = 0;
};

/// A tensor that can be read when it is wanted.
struct StoredTensor {
    std::vector<std::int64_t> shape;
    std::function<at::Tensor()> read;  ///< any dtype, on the CPU
};

/// Weights of a file. Tensors are read one by one as the network takes them, so that the file and the network never lie in memory
/// together. Remembers everything that is wrong, so that one message lists it all.
class StoredWeights : public Weights {
public:
    /// `where` names the file in messages.
    StoredWeights(std::string where, std::map<std::string, StoredTensor> tensors, at::ScalarType dtype, at::Device device);
    /// The same for tensors in memory.
    StoredWeights(std::string where, const std::map<std::string, at::Tensor>& tensors, at::ScalarType dtype, at::Device device);

    bool has(std::string_view name) const;
    void ignore(std::string_view name) override;
    /// throws: Format listing every missing, unexpected and misshaped key (at most 20 of each).
    void finish() override;

private:
    /// A tensor of one repeated number when the weight is missing or misshaped (the problem is kept).
    at::Tensor make(std::string_view name, at::IntArrayRef shape) override;

    std::string m_where;
    std::map<std::string, StoredTensor> m_tensors;
    std::vector<std::string> m_missing, m_misshaped;
};

/// Random weights for measuring and tests: norms are the identity, biases 0, matrices and kernels uniform with variance 1 / fan-in, so
/// that activations stay of order 1. The same seed and dtype give the same weights on every device.
class RandomWeights : public Weights {
public:
    RandomWeights(std::uint64_t seed, at::ScalarType dtype, at::Device device);

private:
    at::Tensor make(std::string_view name, at::IntArrayRef shape) override;

    at::Generator m_generator;
};

/// Writes down what a network wants. The tensors it gives have shapes but no memory (meta tensors): build with it, do not compute.
class WeightShapes : public Weights {
public:
    WeightShapes();
    /// (name, shape) in the order in which they were taken.
    const std::vector<std::pair<std::string, std::vector<std::int64_t>>>& shapes() const { return m_shapes; }

private:
    at::Tensor make(std::string_view name, at::IntArrayRef shape) override;

    std::vector<std::pair<std::string, std::vector<std::int64_t>>> m_shapes;
};

}  // namespace rlcm::nn
