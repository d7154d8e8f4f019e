#include "core/train/panel.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>

#include "core/image/picture_measures.h"
#include "core/learn/diversity.h"
#include "core/learn/summary.h"
#include "core/rl/suspicion.h"
#include "core/tensor/torch.h"

namespace rlcm::train {

namespace measure = run::measure;

namespace {

constexpr double kDeadContrast = 0.01;  // hardly any picture left
constexpr double kTopShare = 0.1;       // of the images, by suspicion

struct Look {
    double sharpness = 0, highFrequency = 0, saturation = 0, contrast = 0, flat = 0;
    std::optional<double> grid;
};

Look lookOf(const image::Rgb8Image& picture, int decoderStride) {
    return {.sharpness = image::laplacianVariance(picture),
            .highFrequency = image::highFrequencyShare(picture),
            .saturation = image::saturation(picture),
            .contrast = image::contrast(picture),
            .flat = image::flatShare(picture),
            .grid = image::gridShare(picture, decoderStride)};
}

template <typename Part>
learn::MeanStd summaryOf(const std::vector<Look>& looks, Part part) {
    std::vector<double> values;
    for (const Look& look : looks) {
        values.push_back(part(look));
    }
    return learn::meanStd(values);
}

}  // namespace

void addPictureMeasures(const std::vector<image::Rgb8Image>& pictures, int decoderStride, sampling::Session& session, run::Measures& measures) {
    std::vector<Look> looks(pictures.size());
    session.run(pictures.size(), [&](std::size_t i) { looks[i] = lookOf(pictures[i], decoderStride); });
    const auto saturation = summaryOf(looks, [](const Look& look) { return look.saturation; });
    const auto contrast = summaryOf(looks, [](const Look& look) { return look.contrast; });
    measures.add(measure::kEvalSharpness, summaryOf(looks, [](const Look& look) { return look.sharpness; }).mean);
    measures.add(measure::kEvalHighFrequency, summaryOf(looks, [](const Look& look) { return look.highFrequency; }).mean);
    measures.add(measure::kEvalSaturation, saturation.mean);
    measures.add(measure::kEvalSaturationStd, saturation.std);
    measures.add(measure::kEvalContrast, contrast.mean);
    measures.add(measure::kEvalContrastStd, contrast.std);
    measures.add(measure::kEvalFlatShare, summaryOf(looks, [](const Look& look) { return look.flat; }).mean);
    measures.add(measure::kEvalDeadShare, summaryOf(looks, [](const Look& look) { return look.contrast < kDeadContrast ? 1.0 : 0.0; }).mean);
    if (std::all_of(looks.begin(), looks.end(), [](const Look& look) { return look.grid.has_value(); })) {
        measures.add(measure::kEvalGrid, summaryOf(looks, [](const Look& look) { return *look.grid; }).mean);
    }
    measures.add(measure::kEvalDuplicateShare, 1 - static_cast<double>(image::distinctPictures(pictures)) / static_cast<double>(pictures.size()));
}

void addDiversity(const at::Tensor& features, std::span<const std::int64_t> prompts, run::Measures& measures) {
    const std::vector<double> nearest = learn::nearestDistances(features);
    if (nearest.empty()) {
        return;
    }
    std::map<std::int64_t, std::vector<std::int64_t>> groups;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        groups[prompts[i]].push_back(static_cast<std::int64_t>(i));
    }
    std::vector<double> within;
    for (const auto& [prompt, rows] : groups) {
        if (rows.size() > 1) {
            within.push_back(*learn::pairwiseDistance(features.index_select(0, at::tensor(rows, at::kLong))));
        }
    }
    if (!within.empty()) {
        measures.add(measure::kEvalPairwise, learn::meanStd(within).mean);
    }
    const auto copies = std::count_if(nearest.begin(), nearest.end(), [](double distance) { return distance < learn::kNearDuplicate; });
    measures.add(measure::kEvalNearest, learn::meanStd(nearest).mean);
    measures.add(measure::kEvalNearDuplicateShare, static_cast<double>(copies) / static_cast<double>(nearest.size()));
    measures.add(measure::kEvalVendi, learn::vendiScore(features));
}

void addSuspicion(std::span<const double> rewards, std::span<const std::vector<double>> judges, run::Measures& measures) {
    if (judges.empty() || rewards.size() < 2) {
        return;
    }
    std::vector<double> suspicion = rl::suspicions(rewards, judges);
    std::sort(suspicion.begin(), suspicion.end(), std::greater<>());
    const auto top = std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(kTopShare * static_cast<double>(suspicion.size())));
    measures.add(measure::kEvalSuspicion, std::accumulate(suspicion.begin(), suspicion.begin() + top, 0.0) / static_cast<double>(top));
}

}  // namespace rlcm::train
