#include "core/tools/bench_shape.h"
#include "core/tools/profile.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <functional>
#include <vector>

#include "core/base/error.h"
#include "core/data/safetensors.h"
#include "core/diffusion/policy.h"
#include "core/learn/policy_gradient.h"
#include "core/models/network.h"
#include "core/nn/lora.h"
#include "core/run/memory_estimate.h"
#include "core/sampling/gate.h"
#include "core/sampling/setup.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"
#include "core/tensor/torch.h"

namespace rlcm::tools {
namespace {

constexpr std::size_t kProfileRows = 40;
constexpr std::int64_t kLatentFactor = 8, kTokens = 77, kSteps = 8, kTimedStep = 3;
constexpr double kGuidance = 8.0;

/// The network and everything that an update at one timestep reads.
class Subject {
public:
    Subject(const ShapeBench& options, const Json& config, at::Device device)
        : m_network(makeNetwork(config, options, device)),
          m_lora(m_network->projections(), "to_q,to_k,to_v,to_out.0", options.rank, 2.0 * static_cast<double>(options.rank), RandomStreams(0)),
          m_policy(diffusion::makeLcmPolicy(diffusion::NoiseSchedule(1000, 0.00085, 0.012), {.steps = kSteps}, device)),
          m_denoiser(*m_network, *m_policy, {.guidance = guidanceOf(m_network->dims()), .pixelsPerLatent = kLatentFactor, .guidanceEmbedding = {}}, device) {
        m_network->setCheckpointing(options.isCheckpointed);
        const models::NetworkDims& dims = m_network->dims();
        const std::int64_t side = options.resolution / kLatentFactor;
        const std::vector<std::int64_t> shape{options.batch, dims.latent.channels, side, side};
        const at::Tensor context = at::randn({options.batch, kTokens, dims.contextWidth}).to(device);
        const at::Tensor pooled = dims.pooledWidth > 0 ? at::randn({options.batch, dims.pooledWidth}).to(device) : at::Tensor();
        m_rows = {.step = at::full({options.batch}, kTimedStep, at::TensorOptions(at::kLong).device(device)),
                  .x = at::randn(shape).to(device),
                  .next = at::randn(shape).to(device),
                  .condition = m_denoiser.condition({context, pooled}, {}, shape)};
    }

    std::int64_t parameterCount() const { return m_network->parameterCount(); }

    /// Once for a whole round of sampling, and for every update.
    void merge() {
        m_merged.clear();  // never two of them in memory
        m_merged = m_lora.merged();
    }
    void forward() const {
        const tensor::GradMode noGrad(false);
        wait(m_denoiser.predict(kTimedStep, m_rows.x, m_rows.condition, m_merged));
    }
    void update() {
        const tensor::GradMode grad(true);
        merge();
        std::vector<at::Tensor> leaves;
        const std::vector<nn::MergedProjection> projections = m_lora.withLeaves(m_merged, leaves);
        const at::Tensor logProb = learn::Scorer{m_denoiser, *m_policy}.logProb(m_rows, projections);
        run::Measures measures;
        const rl::Scored rows{logProb, logProb.detach(), at::ones_like(logProb)};
        wait(m_lora.gradient(learn::lossGradient(rl::ClippedObjective({}), rows, {}, leaves, measures)));
    }

private:
    static std::unique_ptr<models::Network> makeNetwork(const Json& config, const ShapeBench& options, at::Device device) {
        nn::RandomWeights weights(0, tensor::parseDtype(toString(options.dtype)), device);
        return models::buildNetwork(config, options.shape, weights);
    }
    /// One row through the network for each image, whether it embeds the guidance or not.
    static double guidanceOf(const models::NetworkDims& network) { return network.guidanceWidth > 0 ? kGuidance : 1.0; }
    /// Reading a number back waits until a GPU has finished.
    static void wait(const at::Tensor& result) { result.flatten()[0].item<double>(); }

    std::unique_ptr<models::Network> m_network;
    nn::LoraAdapter m_lora;
    std::unique_ptr<diffusion::Policy> m_policy;
    sampling::Denoiser m_denoiser;
    learn::Transitions m_rows;
    std::vector<nn::MergedProjection> m_merged;
};

/// Seconds of each call after the first, on the clock and of the processor, and the largest memory of all.
Json timed(int repeats, const at::Device& device, const std::function<void()>& call) {
    tensor::resetPeakMemory(device);
    std::vector<double> seconds, processor;
    for (int i = 0; i <= repeats; ++i) {
        const sampling::Stopwatch watch;
        const std::clock_t before = std::clock();
        call();
        if (i > 0) {
            seconds.push_back(watch.seconds());
            processor.push_back(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
        }
    }
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    return {{"seconds", sorted[sorted.size() / 2]}, {"all_seconds", seconds}, {"all_processor_seconds", processor}, {"peak_bytes", tensor::peakMemory(device)}};
}

Json estimateOf(const ShapeBench& options, std::int64_t latentSide, bool isCpu) {
    run::RunConfig config;
    config.lora.rank = options.rank;
    config.compute.dtype = options.dtype;
    shapes::ModelShape model = shapes::publishedModel(options.shape);
    model.unet.sampleSize = latentSide;
    const run::MemoryParts parts = run::memoryParts(model, config, isCpu);
    return {{"adapter_bytes", parts.adapter + parts.perCall},
            {"forward_row_bytes", parts.passingRow},
            {"update_row_bytes", parts.trainedRow(options.isCheckpointed)}};
}

/// Time on the clock and of the processor.
struct Timer {
    sampling::Stopwatch watch;
    std::clock_t start = std::clock();
    Json speedsOf(std::int64_t bytes) const {
        const double processor = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
        return {{"gb_per_s", static_cast<double>(bytes) / watch.seconds() / 1e9}, {"gb_per_processor_s", static_cast<double>(bytes) / processor / 1e9}};
    }
};

/// Speed of reading all safetensors files of a folder: into one small buffer, or each into memory of its own.
Json readSpeeds(const std::filesystem::path& folder, bool isFresh, std::int64_t& bytes) {
    constexpr std::size_t kBuffer = std::size_t{8} << 20;
    const Timer timer;
    bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".safetensors") {
            continue;
        }
        std::ifstream file(entry.path(), std::ios::binary);
        const auto size = static_cast<std::int64_t>(entry.file_size());
        const at::Tensor memory = at::empty({isFresh ? size : static_cast<std::int64_t>(kBuffer)}, at::kByte);
        auto* out = static_cast<char*>(memory.data_ptr());
        for (std::int64_t done = 0; done < size; done += static_cast<std::int64_t>(kBuffer)) {
            file.read(isFresh ? out + done : out, std::min(static_cast<std::int64_t>(kBuffer), size - done));
        }
        bytes += size;
    }
    return timer.speedsOf(bytes);
}

/// Speed of reading all tensors of a folder in the files' dtypes, before they become a network.
Json tensorSpeeds(const std::filesystem::path& folder, std::int64_t bytes) {
    const Timer timer;
    std::vector<at::Tensor> tensors;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".safetensors") {
            const data::SafetensorsFile file(entry.path());
            for (const auto& [name, place] : file.entries()) {
                tensors.push_back(file.tensor(name));
            }
        }
    }
    return timer.speedsOf(bytes);
}

}  // namespace

Json benchLoading(const std::filesystem::path& model, run::Dtype dtype) {
    const std::filesystem::path folder = model / "unet";
    if (!std::filesystem::is_directory(folder)) {
        throw Error(ErrorKind::Io, model.string() + " has no folder unet; --model wants the folder of a whole model in the diffusers layout");
    }
    const at::Device cpu(at::kCPU);
    std::int64_t bytes = 0;
    readSpeeds(folder, false, bytes);
    const Json buffered = readSpeeds(folder, false, bytes), fresh = readSpeeds(folder, true, bytes);
    const Json tensors = tensorSpeeds(folder, bytes);
    tensor::keepFreedMemory();
    tensor::releaseFreedMemory(cpu);
    const std::int64_t before = tensor::residentMemory();
    tensor::resetPeakMemory(cpu);
    const Timer timer;
    const std::unique_ptr<models::Network> network = models::loadNetwork(folder, tensor::parseDtype(toString(dtype)), cpu);
    const Json loading = timer.speedsOf(bytes);
    const std::int64_t weights = network->parameterCount() * static_cast<std::int64_t>(c10::elementSize(tensor::parseDtype(toString(dtype))));
    return {{"file_bytes", bytes}, {"dtype", toString(dtype)}, {"weight_bytes", weights}, {"peak_bytes", tensor::peakMemory(cpu) - before},
            {"loading", loading},  {"tensors", tensors},       {"reading", buffered},     {"reading_into_fresh_memory", fresh}};
}

Json benchShape(const ShapeBench& options) {
    if (options.resolution < 64 || options.resolution % 64 != 0) {
        throw Error(ErrorKind::Config, "the resolution is " + std::to_string(options.resolution) + "; a multiple of 64 pixels is wanted");
    }
    ensure(options.repeats >= 1 && options.batch >= 1, "a bench needs a call to time");
    const at::Device device = tensor::parseDevice(options.device);
    sampling::requireDtype(options.dtype, device);
    tensor::keepFreedMemory();
    tensor::setIntraOpThreads(static_cast<int>(options.threads));
    const std::int64_t latentSide = options.resolution / kLatentFactor;
    Json config = shapes::publishedUNet(options.shape);
    config["sample_size"] = latentSide;
    const sampling::Stopwatch building;
    Subject subject(options, config, device);
    const double buildSeconds = building.seconds();
    const std::int64_t resting = device.is_cpu() ? tensor::residentMemory() : tensor::usedMemory(device);
    const Json merge = timed(options.repeats, device, [&] { subject.merge(); });
    const Json forward = timed(options.repeats, device, [&] { subject.forward(); });
    const Json update = timed(options.repeats, device, [&] { subject.update(); });
    Json result{{"shape", options.shape},
                {"device", device.str()},
                {"dtype", toString(options.dtype)},
                {"threads", options.threads},
                {"resolution", options.resolution},
                {"batch", options.batch},
                {"rank", options.rank},
                {"gradient_checkpointing", options.isCheckpointed},
                {"parameters", subject.parameterCount()},
                {"build_seconds", buildSeconds},
                {"resting_bytes", resting},
                {"merge", merge},
                {"forward", forward},
                {"update", update},
                {"estimate", estimateOf(options, latentSide, device.is_cpu())}};
    if (options.isProfiled) {
        result["profile"] = profiled(options.device, options.repeats, kProfileRows, [&] { subject.update(); });
    }
    return result;
}

}  // namespace rlcm::tools
