#pragma once
// Calls of the denoiser that come again with the same shapes, as a GPU replays them.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/nn/merged_projection.h"
#include "core/tensor/launch_recorder.h"

namespace rlcm::sampling {

/// What a call of the denoiser is given.
struct CallInputs {
    at::Tensor step;            ///< [1 or B] i64
    at::Tensor x;               ///< [B,C,h,w] f32
    at::Tensor context, added;  ///< as Condition
    std::span<const nn::MergedProjection> projections;
};

/// A call that is recorded when its shapes have come a few times, the way back to the leaves of its projections too, and then replayed. A record is used only if
/// its first replay gives what the call gave, to the bit; when a recording fails, everything goes on unrecorded, which the log says.
/// thread: any, and one way back at a time is replayed: what is called while the graph of a replayed call lives goes the plain way.
class RecordedCalls {
public:
    using Call = std::function<at::Tensor(const CallInputs&)>;
    RecordedCalls(std::unique_ptr<tensor::LaunchRecorder> recorder, Call call);
    ~RecordedCalls();
    /// call(inputs), differentiable in the leaves of the projections.
    at::Tensor operator()(const CallInputs& inputs);

private:
    struct Record;
    struct Replayed;
    struct Seen {
        int times = 0;
        std::shared_ptr<Record> record;
    };
    std::shared_ptr<Record> recordFor(const CallInputs& inputs, bool wantsGradient);
    std::shared_ptr<Record> makeRecord(const CallInputs& inputs, bool wantsGradient);

    std::unique_ptr<tensor::LaunchRecorder> m_recorder;
    const Call m_call;
    std::mutex m_mutex;
    // Guarded by m_mutex:
    bool m_isGivenUp = false;
    std::map<std::vector<std::int64_t>, Seen> m_seen;  // by shapes
    std::weak_ptr<void> m_outstanding;                 // a replayed call whose way back is still to come
};

}  // namespace rlcm::sampling
