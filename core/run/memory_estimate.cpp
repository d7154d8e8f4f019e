#include "core/run/memory_estimate.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <vector>

#include "core/base/error.h"
#include "core/base/machine.h"
#include "core/run/derive.h"
#include "core/run/model_registry.h"
#include "core/run/reward_graph.h"

namespace rlcm::run {
namespace {

using Block = shapes::UNetShape::Block;

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr std::int64_t kUsefulCpuRows = 32;  // larger batches of small images gain nothing on a CPU (measured)
constexpr std::int64_t kUsefulGpuRows = 64;  // fills a GPU with small images; not measured
// 512 pixels, bf16, H200: an update of 8, 16 and 32 rows takes 9.2, 7.9 and 7.5 ms a row.
constexpr std::int64_t kUsefulLargeGpuRows = 16;
constexpr std::int64_t kLargeLatent = 32 * 32;  // from this many latent pixels on one image fills a core's cache anyway
constexpr std::int64_t kPlainRows = 8;          // with so many rows in a call the plain way is not slower for want of rows
constexpr std::int64_t kClimbedBytes = std::int64_t{256} << 20, kClimbedImages = 8;
constexpr std::int64_t kRecordedParts = 8;   // recorded calls take their memory for good: only where that is a small part
constexpr double kGpuOverhead = 0.9 * kGib;  // context, libraries, convolution workspaces
constexpr double kGpuShare = 0.95;           // the rest is lost between blocks of the allocator
constexpr double kCpuShare = 0.6;            // the rest of a computer's free memory: the window, rewards, other programs

std::int64_t bytesPerNumber(const RunConfig& config) {
    return config.compute.dtype == Dtype::Fp32 || config.compute.dtype == Dtype::Auto ? 4 : 2;  // of auto the most that it may be
}

/// What the backward graph of one block keeps besides its input, in bytes. Linear layers and convolutions are frozen, so they keep nothing; norms and SiLU keep
/// their inputs.
struct BlockGraph {
    const shapes::UNetShape& unet;
    std::int64_t bytes;
    bool isCpu;

    static std::int64_t reduced(std::int64_t side, std::int64_t level) { return std::max<std::int64_t>(1, (side + (std::int64_t{1} << level) - 1) >> level); }
    std::int64_t pixels(const Block& block) const {
        const shapes::LatentShape latent = unet.latent();
        return reduced(latent.height, block.level) * reduced(latent.width, block.level);
    }
    /// One channel-full of the block's output.
    std::int64_t outBytes(const Block& block) const { return block.out * pixels(block) * bytes; }

    std::int64_t resnet(const Block& block) const {
        // CPU: norm and SiLU are one, which keeps the norm's input. GPU: both keep theirs.
        const std::int64_t channels = isCpu ? block.out : block.in + 2 * block.out;
        return channels * pixels(block) * bytes;
    }
    std::int64_t attention(const Block& block) const {
        if (block.depth == 0) {
            return 0;
        }
        // Per transformer block: three residual states and two normed inputs of projections; the gated feed-forward, 8 where it is fused
        // and 12 where not; q, k, v and result of self-attention, q and result of cross-attention, which the CPU widens to f32: then
        // the inputs of to_out are copies.
        const std::int64_t narrow = 5 + (isCpu ? 8 : 12) + (isCpu && bytes < 4 ? 2 : 0);
        const std::int64_t perPixel = narrow * bytes + 6 * (isCpu ? 4 : bytes);
        const std::int64_t context = 2 * block.out * unet.contextTokens * bytes;
        return outBytes(block) + block.depth * (perPixel * block.out * pixels(block) + context);
    }
    /// Whether the two inputs of an up block are joined in memory: not where a CPU's convolutions are packed (core/nn/packed_conv).
    bool joins(const Block& block) const {
        constexpr std::int64_t kMostPacked = 1 << 20;
        return block.part == Block::Part::Up && (!isCpu || block.in == block.out || block.in * block.out > kMostPacked);
    }
    std::int64_t inside(const Block& block) const { return resnet(block) + attention(block) + (joins(block) ? block.in * pixels(block) * bytes : 0); }
};

/// The states between the blocks: which of them the graph keeps as inputs of what follows.
class KeptStates {
public:
    explicit KeptStates(const BlockGraph& graph) : m_graph(graph) {}
    /// Bytes that this block, the next in forward order, adds to what is kept; `isLive`: it is part of the graph.
    std::int64_t pass(const Block& block, bool isLive) {
        const std::int64_t out = m_graph.outBytes(block);
        std::int64_t kept = 0;
        if (block.part == Block::Part::Up) {
            const std::int64_t pixels = m_graph.pixels(block) * m_graph.bytes;
            if (!m_graph.joins(block)) {
                kept = (m_isSkipKept.back() ? 0 : block.skip * pixels) + (m_isBehindUp ? (block.in - block.skip) * pixels : 0);
            }
            m_isSkipKept.pop_back();
            m_isBehindUp = true;
        } else {
            kept = block.resizesAfter ? out / 4 : out;
        }
        if (block.part == Block::Part::Down) {
            m_isSkipKept.push_back(isLive && !block.resizesAfter);
            if (block.resizesAfter) {
                m_isSkipKept.push_back(isLive);
            }
        }
        return isLive ? kept : 0;
    }

private:
    const BlockGraph& m_graph;
    std::vector<bool> m_isSkipKept{false};  // the first convolution's result
    bool m_isBehindUp = false;
};

void addRows(MemoryParts& parts, const shapes::UNetShape& unet, std::int64_t bytes, bool isCpu) {
    const BlockGraph graph{unet, bytes, isCpu};
    KeptStates states(graph);
    const std::int64_t first = unet.blockOutChannels.front() * unet.latent().pixels() * bytes;
    bool isLive = false;  // nothing is kept before the first attention, where the first gradient arises
    std::int64_t skips = first, busiest = 0;
    parts.keptRow = (isCpu ? 1 : 2) * first;  // the last norm, and its SiLU
    parts.checkpointedRow = parts.keptRow;    // the first convolution's result instead of the last norm's input, which is a block's result
    unet.forEachBlock([&](const Block& block) {
        isLive = isLive || block.depth > 0;
        const std::int64_t out = graph.outBytes(block);
        const std::int64_t inside = graph.inside(block);
        const std::int64_t resized = !block.resizesAfter ? 0 : block.part == Block::Part::Up ? 4 * out : out / 4;
        const bool isUp = block.part == Block::Part::Up;
        parts.keptRow += states.pass(block, isLive);
        if (isLive) {
            parts.keptRow += inside;
            parts.largestBlock = std::max(parts.largestBlock, inside);
        }
        parts.checkpointedRow += isUp && block.resizesAfter ? resized : out + resized;
        skips += block.part == Block::Part::Down ? out + resized : 0;
        // Gated feed-forward on the way back, or a residual block on its way.
        const std::int64_t attending = block.depth > 0 ? 20 * out : 0;
        busiest = std::max({busiest, attending, 3 * (block.in + block.out) * graph.pixels(block) * bytes});
    });
    parts.passingRow = skips + busiest;
}

std::int64_t decodeBytes(const shapes::ModelShape& model, std::int64_t bytes, bool isCpu) {
    const shapes::VaeShape& vae = model.vae;
    const std::int64_t pixels = model.pixels(), latents = model.unet.latent().pixels();
    const std::int64_t wide = vae.blockOutChannels[std::min<std::size_t>(1, vae.blockOutChannels.size() - 1)];
    // One head as wide as the middle block: no fused kernel on a GPU takes it, so the scores are written out. A GPU's convolutions
    // work on copies of what they read and write.
    const std::int64_t scores = isCpu ? 0 : 2 * latents * latents * bytes;
    return ((isCpu ? 3 : 5) * wide + vae.blockOutChannels.front()) * pixels * bytes + scores;
}

/// What the backward graph of decoding keeps: what the norms read, and their SiLU on a GPU; of the middle attention its norm's input, q, k, v, result and, on a
/// GPU, the scores.
std::int64_t decoderGraphBytes(const shapes::ModelShape& model, std::int64_t bytes, bool isCpu) {
    const auto& channels = model.vae.blockOutChannels;  // from the picture inwards
    const std::int64_t each = isCpu ? 1 : 2;
    const auto resnet = [each](std::int64_t in, std::int64_t out) { return each * (in + out); };
    std::int64_t pixels = model.unet.latent().pixels();
    const std::int64_t middle = channels.back();
    std::int64_t numbers = (2 * resnet(middle, middle) + 5 * middle) * pixels + (isCpu ? 0 : 2 * pixels * pixels);
    for (std::size_t level = channels.size(); level-- > 0;) {
        const std::int64_t out = channels[level], in = channels[std::min(level + 1, channels.size() - 1)];
        numbers += (resnet(in, out) + model.vae.layersPerBlock * resnet(out, out)) * pixels;
        pixels *= level > 0 ? 4 : 1;
    }
    return (numbers + each * channels.front() * pixels + 6 * pixels) * bytes;
}

/// Weights of upsampling layers are kept a second time, summed to the taps of a transposed convolution.
std::int64_t upsamplerElements(const shapes::UNetShape& unet) {
    std::int64_t total = 0;
    unet.forEachBlock([&](const Block& block) { total += block.part == Block::Part::Up && block.resizesAfter ? 16 * block.out * block.out : 0; });
    return total;
}

std::string gibText(double bytes) {
    const double tenths = std::round(bytes / kGib * 10.0);
    return std::to_string(static_cast<std::int64_t>(tenths) / 10) + "." + std::to_string(static_cast<std::int64_t>(tenths) % 10) + " GiB";
}

}  // namespace

MemoryParts memoryParts(const shapes::ModelShape& model, const RunConfig& config, bool isCpu) {
    const std::int64_t bytes = bytesPerNumber(config),
                       vaeBytes = model.vae.forceUpcast && model.unet.addition && config.compute.dtype == Dtype::Fp16 ? 4 : bytes;  // SDXL's overflows in fp16
    const std::int64_t lora = model.unet.loraElements(config.lora.rank), merged = model.unet.projectionElements();
    MemoryParts parts;
    // Text encoders work on the CPU, once before the first round.
    parts.weights =
        (model.unet.parameters() + upsamplerElements(model.unet)) * bytes + model.vae.parameters() * vaeBytes + (isCpu ? model.textParameters * 4 : 0);
    // LoRA: values, two moments, gradient, its scratch copy.
    const bool hasOwnReference = config.training.klWeight > 0 && config.training.klResetEpochs > 0;
    parts.adapter = 5 * 4 * lora + merged * bytes + (hasOwnReference ? 4 * lora + merged * bytes : 0) + waitingBytes(config, model);
    parts.perCall = 2 * 4 * lora;
    addRows(parts, model.unet, bytes, isCpu);
    parts.decodedImage = decodeBytes(model, vaeBytes, isCpu);
    parts.decoderGraph = decoderGraphBytes(model, vaeBytes, isCpu);
    parts.needs = needsOf(config.training);
    parts.rewardGraph = parts.needs.decoderGraph ? rewardGraphBytes(config.reward, model.pixels()) : 0;
    if (parts.needs.stepRewards) {
        parts.passingRow += (4 + 8) * config.sampling.steps * model.unet.latent().elements();  // what every step predicts, and its cosines in f64
    }
    return parts;
}

std::int64_t MemoryParts::climbedImages() const {
    return std::clamp<std::int64_t>(kClimbedBytes / std::max<std::int64_t>(1, decoderGraph), 1, kClimbedImages);
}

std::int64_t waitingBytes(const RunConfig& config, const shapes::ModelShape& model) {
    if (config.transform.kind != RewardTransform::Delayed) {
        return 0;
    }
    constexpr double kMost = 1e18;  // any sum of sizes is still a number
    const double images = static_cast<double>(config.transform.epochs) * static_cast<double>(config.training.roundsPerEpoch * config.training.imagesPerRound);
    const double states = images * static_cast<double>((config.sampling.steps + 1) * model.unet.latent().elements());
    return static_cast<std::int64_t>(std::min(kMost, 4.0 * states));
}

std::optional<shapes::ModelShape> findModelShape(std::string_view nameOrFolder) {
    try {
        return shapes::readModelShape(modelFolder(nameOrFolder));
    } catch (const Error&) {
        return {};  // the model is looked at in earnest, with its message, when the run starts
    }
}

bool runsOnCpu(const RunConfig& config) {
    if (config.compute.device == "auto") {
        return !std::filesystem::exists("/proc/driver/nvidia/version");
    }
    return config.compute.device == "cpu";
}

std::int64_t usefulRows(const shapes::ModelShape& model, bool isCpu) {
    const bool isLarge = model.unet.latent().pixels() >= kLargeLatent;
    if (isCpu) {
        return isLarge ? 1 : kUsefulCpuRows;
    }
    return isLarge ? kUsefulLargeGpuRows : kUsefulGpuRows;
}

MemoryPlan planMemory(const MemoryParts& parts, const PlanRequest& request) {
    const auto planFor = [&](bool isCheckpointed) {
        const std::int64_t perRow = std::max<std::int64_t>(1, parts.trainedRow(isCheckpointed) * request.rowsPerImage);
        const std::int64_t decoded = std::max<std::int64_t>(1, parts.decodedImage), budget = request.budget / request.callsAtOnce;
        const std::int64_t possible = budget < decoded ? 0 : (budget - parts.perCall - parts.climbing()) / perRow;
        MemoryPlan plan;
        const std::int64_t most = std::max<std::int64_t>(1, request.wantedRows);
        plan.rows = std::clamp<std::int64_t>(possible, request.isExact ? most : 1, most);
        plan.isCheckpointed = isCheckpointed;
        plan.fits = possible >= plan.rows;
        const std::int64_t training = plan.rows * perRow + parts.perCall + parts.climbing();
        plan.climbedImages = parts.climbedImages();
        plan.decodedImages = std::clamp<std::int64_t>(budget / decoded, 1, plan.rows);
        plan.activations = std::max(training, plan.decodedImages * decoded) * request.callsAtOnce;
        const bool isRecorded = request.recording == Switch::On || (request.recording == Switch::Auto && kRecordedParts * training <= request.budget);
        plan.recorded = isRecorded ? training : 0;
        return plan;
    };
    const MemoryPlan plain = planFor(false), checkpointed = planFor(true);
    if (request.checkpointing != Switch::Auto) {
        return request.checkpointing == Switch::On ? checkpointed : plain;
    }
    const bool isPlainEnough = plain.fits && (request.isExact || plain.rows >= std::min(request.wantedRows, kPlainRows));
    return isPlainEnough || (plain.fits && plain.rows >= checkpointed.rows) ? plain : checkpointed;
}

MemoryEstimate estimateMemory(const RunConfig& config) {
    MemoryEstimate result;
    const auto model = findModelShape(config.model.path);
    if (!model) {
        return result;
    }
    const bool isCpu = runsOnCpu(config);
    result.isKnown = true;
    result.parts = memoryParts(*model, config, isCpu);
    PlanRequest request{.wantedRows = config.compute.chunkImages > 0 ? config.compute.chunkImages : usefulRows(*model, isCpu),
                        .isExact = config.compute.chunkImages > 0,
                        .callsAtOnce = isCpu ? config.compute.threads > 0 ? config.compute.threads : usableCores() : 1,
                        .rowsPerImage = rowsPerStep(config),
                        .budget = std::numeric_limits<std::int64_t>::max() / 4,
                        .checkpointing = config.compute.gradientCheckpointing,
                        .recording = isCpu ? Switch::Off : config.compute.recordCalls};
    const std::int64_t resting = result.parts.weights + result.parts.adapter;
    if (config.compute.memoryGib > 0) {
        request.budget = static_cast<std::int64_t>(config.compute.memoryGib * kGib);
    } else if (isCpu) {
        request.budget = static_cast<std::int64_t>(kCpuShare * static_cast<double>(std::max<std::int64_t>(0, availableMemory() - resting)));
    }
    result.plan = planMemory(result.parts, request);
    result.total = resting + result.plan.activations + result.plan.recorded;
    return result;
}

void applyMemoryPlan(RunConfig& config, double gib) {
    const auto model = findModelShape(config.model.path);
    if (!model) {
        throw Error(ErrorKind::Config, "model.path: the sizes of \"" + config.model.path +
                                           "\" cannot be read, so no memory can be planned; name a bundled model or a folder in the diffusers layout");
    }
    config.compute.dtype = Dtype::Bf16;
    config.compute.chunkImages = 0;
    config.compute.keepGraph = Switch::Auto;
    config.compute.gradientCheckpointing = Switch::Auto;
    const MemoryParts parts = memoryParts(*model, config, false);
    const double resting = static_cast<double>(parts.weights + parts.adapter) + kGpuOverhead;
    const double left = gib * kGib * kGpuShare - resting;
    const double least = static_cast<double>(parts.perCall + std::max(parts.climbing() + parts.trainedRow(true) * rowsPerStep(config), parts.decodedImage));
    if (left < least) {
        throw Error(ErrorKind::Config, "\"" + config.model.path + "\" needs " + gibText((resting + least) / kGpuShare) +
                                           " for one row, with gradient checkpointing, but " + gibText(gib * kGib) +
                                           " were given; use a smaller model or lora.rank, or a larger GPU");
    }
    config.compute.memoryGib = std::floor(left / kGib * 100.0) / 100.0;
}

}  // namespace rlcm::run
