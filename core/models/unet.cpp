#include "core/models/unet.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/error.h"
#include "core/models/component.h"
#include "core/nn/layers.h"
#include "core/nn/recompute.h"
#include "core/nn/resnet_block.h"
#include "core/nn/spatial_transformer.h"
#include "core/nn/time_embedding.h"
#include "core/nn/upsample.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

/// A down, middle or up block: resnets, each followed by an attention where there is one, then a change of size.
struct Block {
    std::vector<nn::ResnetBlock> resnets;
    std::vector<nn::SpatialTransformer> attentions;
    std::optional<nn::Conv> halve;
    std::optional<nn::Upsample> twice;
};

/// What every layer of one block is made with.
struct Maker {
    nn::Weights& weights;
    const shapes::UNetShape& config;
    std::int64_t timeWidth;
    std::vector<nn::Projection>& projections;

    nn::ResnetBlock resnet(const std::string& path, std::int64_t in, std::int64_t out, std::int64_t skip = 0) const {
        return nn::ResnetBlock::take(weights, path, {in, out, config.normGroups, config.normEps, timeWidth, skip});
    }
    nn::SpatialTransformer attention(const std::string& path, std::size_t level, std::int64_t depth) const {
        return nn::SpatialTransformer::take(weights, path,
                                            {.channels = config.blockOutChannels[level],
                                             .contextWidth = config.crossAttentionDim,
                                             .heads = config.heads[level],
                                             .groups = config.normGroups,
                                             .depth = depth,
                                             .isLinearProjection = config.useLinearProjection},
                                            projections);
    }
};

std::vector<Block> makeDown(const Maker& maker) {
    const shapes::UNetShape& config = maker.config;
    std::vector<Block> blocks;
    std::int64_t in = config.blockOutChannels[0];
    for (std::size_t i = 0; i < config.blockOutChannels.size(); ++i) {
        const std::string path = "down_blocks." + std::to_string(i);
        const std::int64_t out = config.blockOutChannels[i];
        Block block;
        const std::vector<std::int64_t>& depths = config.downDepths[i];
        for (std::size_t j = 0; j < depths.size(); ++j) {
            block.resnets.push_back(maker.resnet(path + ".resnets." + std::to_string(j), j == 0 ? in : out, out));
            if (depths[j] > 0) {
                block.attentions.push_back(maker.attention(path + ".attentions." + std::to_string(j), i, depths[j]));
            }
        }
        if (i + 1 < config.blockOutChannels.size()) {
            block.halve = nn::Conv::takeHalving(maker.weights, path + ".downsamplers.0.conv", out);
        }
        blocks.push_back(std::move(block));
        in = out;
    }
    return blocks;
}

Block makeMid(const Maker& maker) {
    const std::int64_t channels = maker.config.blockOutChannels.back();
    Block block;
    block.resnets.push_back(maker.resnet("mid_block.resnets.0", channels, channels));
    if (const std::int64_t depth = *maker.config.midDepth; depth > 0) {
        block.attentions.push_back(maker.attention("mid_block.attentions.0", maker.config.blockOutChannels.size() - 1, depth));
        block.resnets.push_back(maker.resnet("mid_block.resnets.1", channels, channels));
    }
    return block;
}

std::vector<Block> makeUp(const Maker& maker) {
    const shapes::UNetShape& config = maker.config;
    const std::size_t levels = config.blockOutChannels.size();
    std::vector<Block> blocks;
    std::int64_t before = config.blockOutChannels.back();
    for (std::size_t i = 0; i < levels; ++i) {
        const std::string path = "up_blocks." + std::to_string(i);
        const std::size_t level = levels - 1 - i;
        const std::int64_t out = config.blockOutChannels[level];
        const std::int64_t below = config.blockOutChannels[level == 0 ? 0 : level - 1];
        Block block;
        const std::vector<std::int64_t>& depths = config.upDepths[i];
        for (std::size_t j = 0; j < depths.size(); ++j) {
            const std::int64_t skip = j + 1 == depths.size() ? below : out;
            block.resnets.push_back(maker.resnet(path + ".resnets." + std::to_string(j), (j == 0 ? before : out) + skip, out, skip));
            if (depths[j] > 0) {
                block.attentions.push_back(maker.attention(path + ".attentions." + std::to_string(j), level, depths[j]));
            }
        }
        if (i + 1 < levels) {
            block.twice = nn::Upsample::take(maker.weights, path + ".upsamplers.0.conv", out, out);
        }
        blocks.push_back(std::move(block));
        before = out;
    }
    return blocks;
}

}  // namespace

struct UNet::Impl {
    shapes::UNetShape config;
    NetworkDims dims;
    nn::TimeEmbedding timeEmbedding;
    std::optional<nn::TimeEmbedding> addEmbedding;
    nn::Conv convIn, convOut;
    nn::GroupNorm convNormOut;
    std::vector<Block> down, up;
    std::optional<Block> mid;
    std::vector<nn::Projection> projections;
    std::int64_t parameterCount = 0;
    bool isCheckpointed = false;

    template <typename Visit>
    void forEachResnet(Visit visit) const {
        for (const Block& block : down) {
            std::for_each(block.resnets.begin(), block.resnets.end(), visit);
        }
        if (mid) {
            std::for_each(mid->resnets.begin(), mid->resnets.end(), visit);
        }
        for (const Block& block : up) {
            std::for_each(block.resnets.begin(), block.resnets.end(), visit);
        }
    }
};

namespace {

/// What takes the gradient of projections.
std::vector<at::Tensor> gradientTakers(const std::vector<nn::MergedProjection>& projections) {
    std::vector<at::Tensor> takers;
    for (const nn::MergedProjection& projection : projections) {
        if (projection.whole.defined()) {
            takers.push_back(projection.whole);
        } else if (projection.down.defined()) {
            takers.insert(takers.end(), {projection.down, projection.up});
        }
    }
    return takers;
}

/// Projections with others in the places of those.
std::vector<nn::MergedProjection> withTakers(std::vector<nn::MergedProjection> projections, std::span<const at::Tensor> takers) {
    const auto take = [&takers] {
        const at::Tensor first = takers.front();
        takers = takers.subspan(1);
        return first;
    };
    for (nn::MergedProjection& projection : projections) {
        if (projection.whole.defined()) {
            projection.whole = take();
        } else if (projection.down.defined()) {
            projection.down = take();
            projection.up = take();
        }
    }
    return projections;
}

/// One pass: hands each resnet its time features and each attention its projections, in forward order.
struct Pass {
    const at::Tensor& context;
    std::span<const at::Tensor> times;
    std::span<const nn::MergedProjection> projections;
    bool isCheckpointed;

    /// Resnet `j` of a block with the attention behind it, if any. `inputs`: the state, in an up block also the skip.
    at::Tensor piece(const Block& block, std::size_t j, std::vector<at::Tensor> inputs) {
        const nn::ResnetBlock& resnet = block.resnets[j];
        const nn::SpatialTransformer* attention = j < block.attentions.size() ? &block.attentions[j] : nullptr;
        const std::size_t states = inputs.size();
        const at::Tensor time = times.front();
        times = times.subspan(1);
        std::vector<nn::MergedProjection> mine;
        if (attention != nullptr) {
            const auto given = projections.first(attention->projectionCount());
            projections = projections.subspan(given.size());
            mine.assign(given.begin(), given.end());
        }
        std::ranges::move(gradientTakers(mine), std::back_inserter(inputs));
        const auto body = [&resnet, attention, states, time, mine = std::move(mine), context = context](std::span<const at::Tensor> in) {
            // The skip may come from before the first cross-attention, where guidance had not yet doubled the rows.
            const at::Tensor x = states == 1 ? resnet(in[0], time) : resnet.withSkip(in[0], nn::repeatRows(in[1], in[0].size(0)), time);
            return attention != nullptr ? (*attention)(x, context, withTakers(mine, in.subspan(states))) : x;
        };
        return nn::runPiece(body, std::move(inputs), isCheckpointed);
    }
    at::Tensor down(const Block& block, at::Tensor x, std::vector<at::Tensor>& skips) {
        for (std::size_t j = 0; j < block.resnets.size(); ++j) {
            x = piece(block, j, {x});
            skips.push_back(x);
        }
        if (block.halve) {
            x = (*block.halve)(x);
            skips.push_back(x);
        }
        return x;
    }
    at::Tensor mid(const Block& block, at::Tensor x) {
        for (std::size_t j = 0; j < block.resnets.size(); ++j) {
            x = piece(block, j, {x});
        }
        return x;
    }
    at::Tensor up(const Block& block, at::Tensor x, std::vector<at::Tensor>& skips) {
        for (std::size_t j = 0; j < block.resnets.size(); ++j) {
            x = piece(block, j, {x, skips.back()});
            skips.pop_back();
        }
        if (block.twice) {
            // To the size of the next skip, which is not always the double: odd sizes were rounded up on the way down.
            x = (*block.twice)(x, skips.back().size(2), skips.back().size(3));
        }
        return x;
    }
};

/// Names the classic mix-up, where the list of wrong keys would not say what is going on.
void checkGuidanceWeights(const nn::StoredWeights& weights, const shapes::UNetShape& config, const std::filesystem::path& file) {
    const bool isInFile = weights.has("time_embedding.cond_proj.weight");
    if (isInFile && !config.timeCondProjDim) {
        throw Error(ErrorKind::Format,
                    file.string() +
                        ": these are weights of a consistency model (time_embedding.cond_proj.weight), but config.json has no "
                        "time_cond_proj_dim; take config.json from the same model",
                    {.advice = kMixedUNetAdvice});
    }
    if (!isInFile && config.timeCondProjDim) {
        throw Error(ErrorKind::Format,
                    file.string() + ": config.json describes a consistency model (time_cond_proj_dim " + std::to_string(*config.timeCondProjDim) +
                        "), but the weights lack time_embedding.cond_proj.weight; they look like a plain diffusion model's",
                    {.advice = kMixedUNetAdvice});
    }
}

}  // namespace

UNet::UNet(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
UNet::~UNet() = default;
UNet::UNet(UNet&&) noexcept = default;
UNet& UNet::operator=(UNet&&) noexcept = default;

const shapes::UNetShape& UNet::config() const {
    return m_impl->config;
}

const NetworkDims& UNet::dims() const {
    return m_impl->dims;
}

std::int64_t UNet::parameterCount() const {
    return m_impl->parameterCount;
}

const std::vector<nn::Projection>& UNet::projections() const {
    return m_impl->projections;
}

void UNet::setCheckpointing(bool isOn) {
    m_impl->isCheckpointed = isOn;
}

UNet UNet::load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change) {
    const shapes::UNetShape config = shapes::UNetShape::fromJson(readConfig(folder), (folder / "config.json").string());
    const std::filesystem::path file = findWeightFile(folder, kDiffusersStem);
    nn::StoredWeights weights(file.string(), listTensors(file), dtype, device);
    checkGuidanceWeights(weights, config, file);
    ChangedWeights changed(weights, change);
    return build(config, changed);
}

UNet UNet::build(const shapes::UNetShape& config, nn::Weights& weights) {
    auto impl = std::make_unique<Impl>();
    impl->config = config;
    impl->dims = {.latent = config.latent(),
                  .outChannels = config.outChannels,
                  .contextWidth = config.crossAttentionDim,
                  .pooledWidth = config.addition ? config.addition->pooledWidth : 0,
                  .guidanceWidth = config.timeCondProjDim.value_or(0)};
    const std::int64_t first = config.blockOutChannels[0], timeWidth = 4 * first;
    impl->timeEmbedding = nn::TimeEmbedding::take(weights, "time_embedding", first, timeWidth, config.timeCondProjDim.value_or(0));
    if (config.addition) {
        const std::int64_t width = config.addition->pooledWidth + shapes::UNetShape::Addition::kSizes * config.addition->sinusoidWidth;
        impl->addEmbedding = nn::TimeEmbedding::take(weights, "add_embedding", width, timeWidth, 0);
    }
    impl->convIn = nn::Conv::take(weights, "conv_in", config.inChannels, first, 3);
    const Maker maker{weights, config, timeWidth, impl->projections};
    impl->down = makeDown(maker);
    if (config.midDepth) {
        impl->mid = makeMid(maker);
    }
    impl->up = makeUp(maker);
    impl->convNormOut = nn::GroupNorm::take(weights, "conv_norm_out", first, config.normGroups, config.normEps);
    impl->convOut = nn::Conv::take(weights, "conv_out", first, config.outChannels, 3);
    weights.finish();
    impl->parameterCount = weights.parameterCount();
    return UNet(std::move(impl));
}

at::Tensor UNet::timeEmbedding(const at::Tensor& timesteps, const at::Tensor& guidanceEmbedding) const {
    const at::NoGradGuard noGrad;
    const shapes::UNetShape& config = m_impl->config;
    ensure(guidanceEmbedding.defined() == config.timeCondProjDim.has_value(), "a guidance embedding belongs to a consistency model, and only there");
    const at::Tensor sinusoid =
        nn::timestepSinusoid(timesteps.to(m_impl->convIn.weight.device()), config.blockOutChannels[0], config.flipSinToCos, config.freqShift);
    return m_impl->timeEmbedding(sinusoid, guidanceEmbedding);
}

at::Tensor UNet::addedEmbedding(const at::Tensor& pooled, const at::Tensor& sizes) const {
    const at::NoGradGuard noGrad;
    const shapes::UNetShape& config = m_impl->config;
    ensure(config.addition && pooled.dim() == 2 && pooled.size(1) == config.addition->pooledWidth && sizes.dim() == 2 &&
               sizes.size(1) == shapes::UNetShape::Addition::kSizes,
           "an added condition is pooled text [n,P] and sizes [n or 1, 6], for networks that take it");
    const at::TensorOptions options = m_impl->convIn.weight.options();
    const at::Tensor sinusoids =
        nn::timestepSinusoid(sizes.flatten().to(options.device()), config.addition->sinusoidWidth, config.flipSinToCos, config.freqShift);
    const at::Tensor perRow = sinusoids.reshape({sizes.size(0), -1}).expand({pooled.size(0), -1});
    return (*m_impl->addEmbedding)(at::cat({pooled.to(options), perRow.to(options)}, 1));
}

TimeFeatures UNet::timeFeatures(const at::Tensor& embedding) const {
    const at::NoGradGuard noGrad;
    const at::Tensor activated = at::silu(embedding);
    TimeFeatures features;
    m_impl->forEachResnet([&](const nn::ResnetBlock& block) { features.perLayer.push_back((*block.timeProjection)(activated)); });
    return features;
}

at::Tensor UNet::forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context,
                         std::span<const nn::MergedProjection> projections) const {
    return forward(latents, time, context, projections, {});
}

at::Tensor UNet::forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context, std::span<const nn::MergedProjection> projections,
                         const Tap& tap) const {
    const Impl& net = *m_impl;
    ensure(latents.dim() == 4 && latents.size(1) == net.config.inChannels, "latents must be [B,in_channels,h,w]");
    ensure(context.dim() == 3 && context.size(2) == net.config.crossAttentionDim && context.size(0) % latents.size(0) == 0,
           "context must be [k*B,T,cross_attention_dim]");
    ensure(projections.size() == net.projections.size(), "one weight per attention projection is wanted");
    const auto show = [&](const std::string& name, const at::Tensor& x) {
        if (tap) {
            tap(name, x);
        }
    };
    const at::Tensor typedContext = context.to(net.convIn.weight.options());
    Pass pass{typedContext, time.perLayer, projections, net.isCheckpointed};
    const std::int64_t timeRows = time.perLayer.front().size(0);
    const at::Tensor start = timeRows > latents.size(0) ? nn::repeatRows(latents, timeRows) : latents;
    at::Tensor x = net.convIn(start.to(net.convIn.weight.options()));
    show("conv_in", x);
    std::vector<at::Tensor> skips{x};
    for (std::size_t i = 0; i < net.down.size(); ++i) {
        x = pass.down(net.down[i], x, skips);
        show("down_blocks." + std::to_string(i), x);
    }
    if (net.mid) {
        x = pass.mid(*net.mid, x);
        show("mid_block", x);
    }
    for (std::size_t i = 0; i < net.up.size(); ++i) {
        x = pass.up(net.up[i], x, skips);
        show("up_blocks." + std::to_string(i), x);
    }
    if (tap) {
        tap("conv_norm_out", net.convNormOut(x));
    }
    return nn::repeatRows(net.convOut(net.convNormOut.silu(std::move(x))), context.size(0));
}

}  // namespace rlcm::models
