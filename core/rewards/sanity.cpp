#include "core/rewards/sanity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <span>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/base/random.h"
#include "core/image/codec.h"
#include "core/image/resize.h"

namespace rlcm::rewards {
namespace {

using image::Rgb8Image;

constexpr int kKeepingQuality = 95;

double meanOf(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviationOf(std::span<const double> values) {
    const double mean = meanOf(values);
    double squares = 0;
    for (const double value : values) {
        squares += (value - mean) * (value - mean);
    }
    return std::sqrt(squares / static_cast<double>(values.size()));
}

Rgb8Image shifted(const Rgb8Image& from, int right, int down) {
    Rgb8Image to = from;
    for (int y = 0; y < from.height; ++y) {
        for (int x = 0; x < from.width; ++x) {
            const int ofX = std::clamp(x - right, 0, from.width - 1), ofY = std::clamp(y - down, 0, from.height - 1);
            std::copy_n(from.pixels.begin() + (ofY * from.width + ofX) * 3, 3, to.pixels.begin() + (y * from.width + x) * 3);
        }
    }
    return to;
}

template <typename Change>
Rgb8Image changed(Rgb8Image picture, Change change) {
    std::ranges::transform(picture.pixels, picture.pixels.begin(), [&](std::uint8_t value) { return static_cast<std::uint8_t>(change(value)); });
    return picture;
}

Rgb8Image shuffled(const Rgb8Image& from, Random random) {
    Rgb8Image to = from;
    const std::vector<std::int64_t> order = random.permutation(std::int64_t{from.width} * from.height);
    for (std::size_t i = 0; i < order.size(); ++i) {
        std::copy_n(from.pixels.begin() + order[i] * 3, 3, to.pixels.begin() + static_cast<std::ptrdiff_t>(i * 3));
    }
    return to;
}

constexpr std::array kNames{"white noise", "grey", "black", "inverted", "shuffled"};
/// One picture of each kind in that order; they show nothing of the prompt.
std::vector<Rgb8Image> nonsense(const Rgb8Image& image, std::uint64_t number) {
    Random noise(2 * number);
    return {changed(image, [&](int) { return noise.below(256); }), changed(image, [](int) { return 128; }), changed(image, [](int) { return 0; }),
            changed(image, [](int value) { return 255 - value; }), shuffled(image, Random(2 * number + 1))};
}

/// Within prompts that have several images, else over all.
double spreadOf(const std::vector<double>& scores, const std::vector<std::string>& prompts) {
    std::map<std::string, std::vector<double>> byPrompt;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        byPrompt[prompts[i]].push_back(scores[i]);
    }
    std::vector<double> spreads;
    for (const auto& [prompt, own] : byPrompt) {
        if (own.size() > 1) {
            spreads.push_back(deviationOf(own));
        }
    }
    return spreads.empty() ? deviationOf(scores) : meanOf(spreads);
}

}  // namespace

std::vector<Rgb8Image> unchangedInMeaning(const Rgb8Image& image) {
    const int wide = (image.width * 9 + 4) / 8, high = (image.height * 9 + 4) / 8;
    return {image::decodeJpeg(image::encodeJpeg(image, kKeepingQuality)),
            shifted(image, 1, 0),
            shifted(image, -1, 0),
            shifted(image, 0, 1),
            shifted(image, 0, -1),
            image::resizeBicubic(image::resizeBicubic(image, wide, high), image.width, image.height),
            changed(image, [](int value) { return std::min(255, value + 1); }),
            changed(image, [](int value) { return std::max(0, value - 1); })};
}

Sanity checkSanity(const run::RewardConfig& reward, const std::vector<Rgb8Image>& images, const std::vector<std::string>& prompts,
                   const run::RewardTester& score) {
    if (images.empty() || images.size() != prompts.size()) {
        throw Error(ErrorKind::Config, std::to_string(images.size()) + " images and " + std::to_string(prompts.size()) +
                                           " prompts: at least one image, and one prompt for each, are needed");
    }
    std::vector<Rgb8Image> all = images;
    std::vector<std::string> texts = prompts;
    const auto add = [&](std::vector<Rgb8Image> pictures, const std::string& prompt) {
        std::ranges::move(pictures, std::back_inserter(all));
        texts.resize(all.size(), prompt);
    };
    for (std::size_t i = 0; i < images.size(); ++i) {
        add(unchangedInMeaning(images[i]), prompts[i]);
        add(nonsense(images[i], i), prompts[i]);
    }
    const std::vector<double> totals = score(reward, all, texts).totals;
    const std::vector<double> base(totals.begin(), totals.begin() + static_cast<std::ptrdiff_t>(images.size()));
    const std::size_t changes = unchangedInMeaning(images.front()).size(), ofImage = changes + kNames.size();
    const auto scoreOf = [&](std::size_t image, std::size_t picture) { return totals[images.size() + image * ofImage + picture]; };
    Sanity result{.baseLowest = std::ranges::min(base),
                  .baseMean = meanOf(base),
                  .baseHighest = std::ranges::max(base),
                  .baseTenth = quantile(base, 0.1),
                  .baseSpread = spreadOf(base, prompts),
                  .kinds = {}};
    for (std::size_t i = 0; i < images.size(); ++i) {
        std::vector<double> own;
        for (std::size_t change = 0; change < changes; ++change) {
            own.push_back(scoreOf(i, change));
        }
        result.noiseFloor += deviationOf(own) / static_cast<double>(images.size());
    }
    for (std::size_t kind = 0; kind < kNames.size(); ++kind) {
        std::vector<double> own;
        for (std::size_t i = 0; i < images.size(); ++i) {
            own.push_back(scoreOf(i, changes + kind));
        }
        result.kinds.push_back({kNames[kind], std::ranges::min(own), meanOf(own), std::ranges::max(own), std::ranges::max(own) < result.baseTenth});
    }
    return result;
}

}  // namespace rlcm::rewards
