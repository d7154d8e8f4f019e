#pragma once
// Work of a GPU that is asked for once and done again by one launch.
#include <functional>
#include <memory>

#include <ATen/core/Tensor.h>

namespace rlcm::tensor {

/// Small networks spend most of a GPU's time on being asked for one kernel after the other; what was recorded is asked for at once (CUDA graphs).
/// Records of one recorder share their memory: tensors made while recording keep what a replay wrote until the next replay of any record, those that are still
/// held at the end of the recording until its own next replay. thread: one at a time.
class LaunchRecorder {
public:
    using Work = std::function<void()>;
    virtual ~LaunchRecorder() = default;
    /// Does the work once where records are made, so that what libraries prepare at a first call is there. Returns when it is done.
    virtual void rehearse(const Work& work) = 0;
    /// Records what `work` asks the device for without doing it, and returns what does it, on the stream of the thread that calls. Nothing in `work` may wait for
    /// the device or read from it. throws: what torch throws; the device is usable afterwards.
    virtual Work record(const Work& work) = 0;
};

/// nullptr where the device or this torch has no such thing.
std::unique_ptr<LaunchRecorder> makeLaunchRecorder(const at::Device& device);

}  // namespace rlcm::tensor
