#pragma once
#include <ATen/core/Tensor.h>

namespace rlcm::sampling {

/// The processes that train one run together, each on its own share of every round. thread: the trainer's of each process.
class Collective {
public:
    virtual ~Collective() = default;
    virtual int size() const = 0;
    /// Adds what all hand in, in the order of their ranks, and leaves the sum with each. `values` has the same shape and dtype everywhere.
    virtual void sum(at::Tensor& values) = 0;
};

/// One process.
class Alone final : public Collective {
public:
    int size() const override { return 1; }
    void sum(at::Tensor&) override {}
};

}  // namespace rlcm::sampling
