#include "core/tensor/launch_recorder.h"

#include "core/tensor/device.h"
#include "core/tensor/torch.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

namespace rlcm::tensor {
namespace {

using Pool = std::pair<unsigned long long, unsigned long long>;

/// at::cuda::CUDAGraph of torch 2.11 and later by its functions: its header wants those of CUDA, and a program of ours runs with torch that has no CUDA, too.
struct GraphFunctions {
    Pool (*newPool)();
    void (*construct)(void*, bool);
    void (*destroy)(void*);
    void (*begin)(void*, Pool, int);
    void (*end)(void*);
    void (*replay)(void*);
};

template <typename Function>
bool find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
    return function != nullptr;
}

const GraphFunctions* graphFunctions() {
    static const std::optional<GraphFunctions> found = [] {
        GraphFunctions f{};
        const bool areAllThere = find(f.newPool, "_ZN2at4cuda17graph_pool_handleEv") && find(f.construct, "_ZN2at4cuda9CUDAGraphC1Eb") &&
                                 find(f.destroy, "_ZN2at4cuda9CUDAGraphD1Ev") &&
                                 find(f.begin, "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode") &&
                                 find(f.end, "_ZN2at4cuda9CUDAGraph11capture_endEv") && find(f.replay, "_ZN2at4cuda9CUDAGraph6replayEv");
        return areAllThere ? std::optional(f) : std::nullopt;
    }();
    return found ? &*found : nullptr;
}

class Graph {
public:
    explicit Graph(const GraphFunctions& functions) : m_functions(functions) { m_functions.construct(m_object.data(), false); }
    ~Graph() { m_functions.destroy(m_object.data()); }
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    void record(const Pool& pool, const LaunchRecorder::Work& work) {
        constexpr int kThreadLocal = 1;  // of cudaStreamCaptureMode: what other threads do meanwhile is none of its business
        m_functions.begin(m_object.data(), pool, kThreadLocal);
        try {
            work();
        } catch (...) {
            end();
            throw;
        }
        m_functions.end(m_object.data());
    }
    void replay() { m_functions.replay(m_object.data()); }

private:
    /// Of a recording that has failed.
    void end() {
        try {
            m_functions.end(m_object.data());
        } catch (const std::exception&) {
            // The first failure says why.
        }
    }

    const GraphFunctions& m_functions;
    alignas(64) std::array<std::byte, 4096> m_object;  // it takes some 200 bytes
};

class CudaRecorder : public LaunchRecorder {
public:
    CudaRecorder(const GraphFunctions& functions, at::Device device)
        : m_functions(functions), m_stream(c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device, false)), m_pool(functions.newPool()) {}

    void rehearse(const Work& work) override { aside(work); }
    Work record(const Work& work) override {
        const auto graph = std::make_shared<Graph>(m_functions);
        aside([&] { graph->record(m_pool, work); });
        return [graph] { graph->replay(); };
    }

private:
    /// On the stream of records: nothing is recorded on the one that everything else runs on.
    void aside(const Work& work) {
        waitFor(m_stream.device());
        const c10::StreamGuard guard(m_stream);
        work();
        waitFor(m_stream.device());
    }

    const GraphFunctions& m_functions;
    const c10::Stream m_stream;
    const Pool m_pool;
};

}  // namespace

std::unique_ptr<LaunchRecorder> makeLaunchRecorder(const at::Device& device) {
    const GraphFunctions* functions = device.is_cuda() ? graphFunctions() : nullptr;
    return functions != nullptr ? std::make_unique<CudaRecorder>(*functions, device) : nullptr;
}

}  // namespace rlcm::tensor
