#include <algorithm>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/models/lora_weights.h"
#include "core/models/unet.h"
#include "core/nn/weights.h"
#include "core/parity/gauge.h"
#include "core/parity/parity.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

namespace fs = std::filesystem;

constexpr double kMergedTolerance = 1e-6;

/// formats.json with the inputs and expectations that all files of a fixture share.
struct LoraFixture {
    explicit LoraFixture(const fs::path& folder)
        : root(folder), index(readJsonFile(folder / "formats.json")), io(folder / "io.safetensors"), merged(folder / "merged.safetensors") {}

    fs::path root;
    Json index;
    data::SafetensorsFile io, merged;
};

at::Tensor predict(const models::UNet& unet, const std::vector<nn::MergedProjection>& projections, const LoraFixture& fixture, const at::Device& device) {
    const auto input = [&](const char* name) { return fixture.io.tensor(name).to(device); };
    at::Tensor embedding = unet.timeEmbedding(input("timestep").reshape({-1}), fixture.io.contains("timestep_cond") ? input("timestep_cond") : at::Tensor());
    if (unet.config().addition) {
        embedding = embedding + unet.addedEmbedding(input("text_embeds"), input("time_ids"));
    }
    return unet.forward(input("sample"), unet.timeFeatures(embedding), input("encoder_hidden_states"), projections);
}

/// The base weights that a UNet with a LoRA inside carries, as a network of their own.
models::UNet baseInside(const fs::path& file, const at::Device& device) {
    const data::SafetensorsFile source(file);
    std::map<std::string, at::Tensor> weights;
    for (const auto& [key, entry] : source.entries()) {
        std::string name = key;
        if (const std::size_t at = name.find(".base_layer."); at != std::string::npos) {
            name.erase(at, std::string_view(".base_layer").size());
        }
        if (name.find(".lora_") == std::string::npos) {
            weights.emplace(name, source.tensor(key));
        }
    }
    const fs::path config = file.parent_path() / "config.json";
    nn::StoredWeights stored(file.string(), weights, at::kFloat, device);
    return models::UNet::build(shapes::UNetShape::fromJson(readJsonFile(config), config.string()), stored);
}

Quantity compareMerged(const std::string& name, const std::string& prefix, const models::UNet& unet, const std::vector<nn::MergedProjection>& ours,
                       const LoraFixture& fixture) {
    Gauge gauge(name + ".merged", kMergedTolerance);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const std::string& path = unet.projections()[i].path;
        if (const std::string key = prefix + path + ".weight"; fixture.merged.contains(key)) {
            gauge.add(ours[i].weight, fixture.merged.tensor(key), path);
        }
    }
    return gauge.result();
}

/// The network that a file belongs to, changed by it.
models::UNet changedUNet(const models::Lora& lora, const fs::path& base, const at::Device& device) {
    if (lora.style != models::LoraStyle::Injected) {
        return models::UNet::load(base, at::kFloat, device, {lora.modules});
    }
    return baseInside(lora.file, device);
}

/// One file: the merged weights where the fixture has them, and the network's output.
void compareFile(Report& report, const std::string& name, const LoraFixture& fixture, const fs::path& base, const at::Device& device) {
    const auto expected = fixture.index.at("formats").at(name).at("expected").get<std::string>();
    const models::LoraReadOptions options{.alpha = {}, .injectedAlpha = fixture.index.at("alpha").get<double>()};
    const models::Lora lora = models::readLoraFor(fixture.root / name, base, options);
    const models::UNet unet = changedUNet(lora, base, device);
    const std::vector<nn::MergedProjection> weights = models::mergeLora(unet.projections(), lora.style == models::LoraStyle::Injected ? lora : models::Lora());
    const std::string prefix = expected + ".";
    const auto first = fixture.merged.entries().lower_bound(prefix);
    if (first != fixture.merged.entries().end() && first->first.starts_with(prefix)) {
        report.quantities.push_back(compareMerged(name, prefix, unet, weights, fixture));
    }
    report.quantities.push_back(compare(name + ".noise_pred", predict(unet, weights, fixture, device), fixture.io.tensor("noise_pred." + expected),
                                        fixture.index.at("output_atol").at(expected).get<double>()));
}

}  // namespace

Report runLora(const fs::path& folder, const at::Device& device) {
    const at::NoGradGuard noGrad;
    const bool isWhole = fs::exists(folder / "formats.json");
    const LoraFixture fixture(isWhole ? folder : folder.parent_path());
    const fs::path base = fixture.root.parent_path() / fixture.index.at("base").get<std::string>();
    Report report;
    if (isWhole) {
        double atol = 1;
        for (const auto& [expected, tolerance] : fixture.index.at("output_atol").items()) {
            atol = std::min(atol, tolerance.get<double>());
        }
        const models::UNet plain = models::UNet::load(base, at::kFloat, device);
        report.quantities.push_back(compare("base.noise_pred", predict(plain, models::mergeLora(plain.projections(), {}), fixture, device),
                                            fixture.io.tensor("noise_pred.base"), atol));
    }
    for (const auto& [name, format] : fixture.index.at("formats").items()) {
        if (isWhole || name == folder.filename().string()) {
            compareFile(report, name, fixture, base, device);
        }
    }
    if (report.quantities.empty()) {
        throw Error(ErrorKind::Format, (fixture.root / "formats.json").string() + " names no format " + folder.filename().string());
    }
    return report;
}

}  // namespace rlcm::parity
