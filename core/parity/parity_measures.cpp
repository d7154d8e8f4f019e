// Measures of pictures and of their features (golden/measures).
#include "core/parity/parity.h"

#include <functional>
#include <optional>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/image/codec.h"
#include "core/image/picture_measures.h"
#include "core/learn/diversity.h"
#include "core/parity/gauge.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

constexpr double kPictures = 1e-9, kFeatures = 1e-9;

using PictureMeasure = std::function<std::optional<double>(const image::Rgb8Image&)>;

std::vector<std::pair<std::string, PictureMeasure>> pictureMeasures() {
    using namespace image;
    return {{"laplacian_variance", laplacianVariance},
            {"high_frequency_share", highFrequencyShare},
            {"grid_2", [](const Rgb8Image& picture) { return gridShare(picture, 2); }},
            {"grid_4", [](const Rgb8Image& picture) { return gridShare(picture, 4); }},
            {"grid_8", [](const Rgb8Image& picture) { return gridShare(picture, 8); }},
            {"saturation", saturation},
            {"contrast", contrast},
            {"flat_share", flatShare}};
}

/// null stands for a number that must not be there.
void addOptional(Gauge& gauge, const std::optional<double>& ours, const Json& expected, const std::string& where) {
    if (ours.has_value() == expected.is_null()) {
        gauge.fail(where + (ours ? ": a number where there is none" : ": no number"));
    } else if (ours) {
        gauge.add(*ours, expected.get<double>(), where);
    }
}

void comparePictures(const std::filesystem::path& folder, const Json& json, Report& report) {
    std::vector<image::Rgb8Image> pictures;
    for (const auto& [name, values] : json.at("pictures").items()) {
        pictures.push_back(image::decodePng(readFile(folder / (name + ".png"))));
    }
    for (const auto& [measure, compute] : pictureMeasures()) {
        const bool isShare = measure == "flat_share";
        Gauge gauge(measure, isShare ? 0 : kPictures, measure == "laplacian_variance" ? Gauge::Measure::Relative : Gauge::Measure::Absolute);
        std::size_t i = 0;
        for (const auto& [name, values] : json.at("pictures").items()) {
            addOptional(gauge, compute(pictures[i++]), values.at(measure), name);
        }
        report.quantities.push_back(gauge.result());
    }
    Gauge distinct("distinct_pictures", 0, Gauge::Measure::Exact);
    distinct.add(static_cast<double>(image::distinctPictures(pictures)), json.at("distinct_pictures").get<double>());
    report.quantities.push_back(distinct.result());
}

std::optional<double> meanOrNothing(const std::vector<double>& values) {
    return values.empty() ? std::nullopt : std::optional(at::tensor(values, at::kDouble).mean().item<double>());
}

void compareFeatures(const std::filesystem::path& folder, const Json& json, Report& report) {
    const data::SafetensorsFile tensors(folder / "features.safetensors");
    Gauge pairwise("pairwise", kFeatures), nearest("nearest", kFeatures), vendi("vendi", kFeatures), overall("overall", kFeatures);
    std::vector<double> pairwiseMeans, nearestMeans;
    for (const auto& [name, expected] : json.at("groups").items()) {
        const at::Tensor features = tensors.tensor(name);
        const std::optional<double> distance = learn::pairwiseDistance(features);
        const std::vector<double> near = learn::nearestDistances(features);
        addOptional(pairwise, distance, expected.at("pairwise"), name);
        addOptional(nearest, meanOrNothing(near), expected.at("nearest_mean"), name + " mean");
        if (distance) {
            pairwiseMeans.push_back(*distance);
            nearestMeans.push_back(*meanOrNothing(near));
            const at::Tensor distances = at::tensor(near, at::kDouble);
            nearest.add(distances, at::tensor(expected.at("nearest").get<std::vector<double>>(), at::kDouble), name);
            nearest.add((distances < learn::kNearDuplicate).to(at::kDouble).mean().item<double>(), expected.at("near_duplicate_share").get<double>(), name);
        }
        vendi.add(learn::vendiScore(features, learn::VendiOrder::One), expected.at("vendi_1").get<double>(), name + " order 1");
        vendi.add(learn::vendiScore(features, learn::VendiOrder::Two), expected.at("vendi_2").get<double>(), name + " order 2");
        vendi.add(learn::vendiScore(features, learn::VendiOrder::Infinite), expected.at("vendi_inf").get<double>(), name + " infinite order");
    }
    addOptional(overall, meanOrNothing(pairwiseMeans), json.at("overall").at("pairwise_mean_over_groups"), "pairwise");
    addOptional(overall, meanOrNothing(nearestMeans), json.at("overall").at("nearest_mean_over_groups"), "nearest");
    for (const Gauge& gauge : {pairwise, nearest, vendi, overall}) {
        report.quantities.push_back(gauge.result());
    }
}

}  // namespace

Report runMeasures(const std::filesystem::path& folder) {
    Report report{.kind = "measures", .folder = folder, .quantities = {}};
    const Json json = readJsonFile(folder / "expected.json");
    comparePictures(folder, json, report);
    compareFeatures(folder, json, report);
    return report;
}

}  // namespace rlcm::parity
