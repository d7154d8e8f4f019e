#include <algorithm>

#include "core/shapes/unet_shape.h"

namespace rlcm::shapes {
namespace {

std::int64_t projectionsOf(std::int64_t channels, std::int64_t contextWidth) {
    return 6 * channels * channels + 2 * contextWidth * channels;
}

std::int64_t attentionParameters(std::int64_t channels, std::int64_t contextWidth, std::int64_t depth) {
    const std::int64_t feedForward = 12 * channels * channels + 9 * channels;
    const std::int64_t block = projectionsOf(channels, contextWidth) + 2 * channels + 6 * channels + feedForward;
    return 2 * channels + 2 * (channels * channels + channels) + depth * block;
}

}  // namespace

std::int64_t convParameters(std::int64_t in, std::int64_t out, std::int64_t kernel) {
    return in * out * kernel * kernel + out;
}

std::int64_t resnetParameters(std::int64_t in, std::int64_t out, std::int64_t timeWidth) {
    const std::int64_t shortcut = in == out ? 0 : convParameters(in, out, 1);
    const std::int64_t time = timeWidth > 0 ? timeWidth * out + out : 0;
    return 2 * in + 2 * out + convParameters(in, out) + convParameters(out, out) + shortcut + time;
}

void UNetShape::forEachBlock(const std::function<void(const Block&)>& visit) const {
    const std::int64_t last = static_cast<std::int64_t>(blockOutChannels.size()) - 1;
    const auto at = [](const auto& list, std::int64_t i) -> const auto& { return list[static_cast<std::size_t>(i)]; };
    std::int64_t before = blockOutChannels.front();
    std::vector<std::int64_t> skips{before};
    for (std::int64_t level = 0; level <= last; ++level) {
        const std::int64_t out = at(blockOutChannels, level);
        const std::vector<std::int64_t>& depths = at(downDepths, level);
        for (std::size_t j = 0; j < depths.size(); ++j) {
            visit({Block::Part::Down, level, before, out, 0, depths[j], j + 1 == depths.size() && level < last});
            before = out;
            skips.push_back(out);
        }
        if (level < last) {
            skips.push_back(out);
        }
    }
    if (midDepth) {
        visit({Block::Part::Mid, last, before, before, 0, *midDepth, false});
    }
    if (midDepth.value_or(0) > 0) {
        visit({Block::Part::Mid, last, before, before, 0, 0, false});
    }
    for (std::int64_t level = last; level >= 0; --level) {
        const std::int64_t out = at(blockOutChannels, level);
        const std::vector<std::int64_t>& depths = at(upDepths, last - level);
        for (std::size_t j = 0; j < depths.size(); ++j) {
            visit({Block::Part::Up, level, before + skips.back(), out, skips.back(), depths[j], j + 1 == depths.size() && level > 0});
            before = out;
            skips.pop_back();
        }
    }
}

std::int64_t UNetShape::parameters() const {
    const std::int64_t first = blockOutChannels.front(), timeWidth = 4 * first;
    std::int64_t total = convParameters(inChannels, first) + convParameters(first, outChannels) + 2 * first;
    total += first * timeWidth + timeWidth + timeWidth * timeWidth + timeWidth + timeCondProjDim.value_or(0) * first;
    total += addition ? (addition->pooledWidth + Addition::kSizes * addition->sinusoidWidth) * timeWidth + timeWidth + timeWidth * timeWidth + timeWidth : 0;
    forEachBlock([&](const Block& block) {
        total += resnetParameters(block.in, block.out, timeWidth);
        total += block.depth > 0 ? attentionParameters(block.out, crossAttentionDim, block.depth) : 0;
        total += block.resizesAfter ? convParameters(block.out, block.out) : 0;
    });
    return total;
}

std::int64_t UNetShape::projectionElements() const {
    std::int64_t total = 0;
    forEachBlock([&](const Block& block) { total += block.depth * projectionsOf(block.out, crossAttentionDim); });
    return total;
}

std::int64_t UNetShape::loraElements(std::int64_t rank) const {
    std::int64_t total = 0;
    forEachBlock([&](const Block& block) { total += block.depth * rank * (14 * block.out + 2 * crossAttentionDim); });
    return total;
}

double UNetShape::multiplications() const {
    double total = 0;
    forEachBlock([&](const Block& block) {
        const LatentShape whole = latent();
        const std::int64_t pixels = std::max<std::int64_t>(1, whole.height >> block.level) * std::max<std::int64_t>(1, whole.width >> block.level);
        // Every weight meets every pixel once; attention meets every pair, twice.
        const std::int64_t weights =
            resnetParameters(block.in, block.out, 0) + (block.depth > 0 ? attentionParameters(block.out, crossAttentionDim, block.depth) : 0);
        const std::int64_t attended = 2 * block.depth * block.out * (pixels + contextTokens);
        const std::int64_t resized = block.resizesAfter ? (block.part == Block::Part::Up ? 16 : 9) * block.out * block.out : 0;
        const double after = block.part == Block::Part::Up ? 1.0 : 0.25;
        total += static_cast<double>(pixels) * (static_cast<double>(weights + attended) + after * static_cast<double>(resized));
    });
    return total;
}

}  // namespace rlcm::shapes
