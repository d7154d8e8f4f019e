#pragma once
// The convolutions and matrix products of some work, and calling each of them again alone.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rlcm::tensor {

/// One operator with one set of shapes, strides, dtypes and other arguments.
struct RecordedOperator {
    std::string name;         ///< as "aten::mm"
    std::string shapes;       ///< of its tensors, as "[512,64] [64,64]"
    std::int64_t calls = 0;   ///< in the work
    double seconds = 0;       ///< of those calls together, in the work
    double secondsAlone = 0;  ///< of those calls together, without all that is no such operator
};

/// Records on every thread while alive: convolutions, products of matrices and attention, forward and backward, each the outermost such call. One at a time
/// in a process. thread: one makes and asks it.
class OperatorRecorder {
public:
    OperatorRecorder();
    ~OperatorRecorder();
    OperatorRecorder(const OperatorRecorder&) = delete;
    OperatorRecorder& operator=(const OperatorRecorder&) = delete;

    /// Ends recording; then, each time it is called, makes all those calls on this thread and in their order, on random numbers of the same layout.
    /// In their order, because a call finds in the processor's cache what the calls before it have left there: a call that is repeated finds all of its own, as in no
    /// real work. The first time is slower: libraries make what they keep. Returns the operators by name and shapes. throws: what an operator throws.
    std::vector<RecordedOperator> timeAlone();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::tensor
