#include "core/models/network.h"

#include <array>
#include <string>
#include <string_view>

#include "core/models/component.h"
#include "core/models/unet.h"
#include "core/shapes/config_reader.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

/// One architecture.
struct Builder {
    std::string_view className;
    std::unique_ptr<Network> (*load)(const fs::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change);
    /// Builds the network of a config from any weights.
    std::unique_ptr<Network> (*build)(const Json& config, std::string_view where, nn::Weights& weights);
};

/// The first is taken for files that name no class.
constexpr std::array kBuilders{
    Builder{"UNet2DConditionModel",
            [](const fs::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change) -> std::unique_ptr<Network> {
                return std::make_unique<UNet>(UNet::load(folder, dtype, device, change));
            },
            [](const Json& config, std::string_view where, nn::Weights& weights) -> std::unique_ptr<Network> {
                return std::make_unique<UNet>(UNet::build(shapes::UNetShape::fromJson(config, where), weights));
            }},
};

const Builder& builderOf(const Json& config, const std::string& where) {
    const shapes::ConfigReader reader(config, where);
    const std::string name = reader.text("_class_name", kBuilders.front().className);
    std::string known;
    for (const Builder& builder : kBuilders) {
        if (name == builder.className) {
            return builder;
        }
        known += (known.empty() ? "\"" : " or \"") + std::string(builder.className) + "\"";
    }
    reader.refuseUnsupported("_class_name", "only " + known + " is supported");
}

/// The network of `folder`/config.json without its values.
std::unique_ptr<Network> buildFrom(const fs::path& folder, nn::WeightShapes& wanted) {
    const Json config = readConfig(folder);
    const std::string where = (folder / "config.json").string();
    return buildNetwork(config, where, wanted);
}

}  // namespace

TimeFeatures TimeFeatures::select(const at::Tensor& index) const {
    TimeFeatures rows;
    for (const at::Tensor& feature : perLayer) {
        rows.perLayer.push_back(feature.index_select(0, index));
    }
    return rows;
}

std::unique_ptr<Network> loadNetwork(const fs::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change) {
    return builderOf(readConfig(folder), (folder / "config.json").string()).load(folder, dtype, device, change);
}

std::unique_ptr<Network> buildNetwork(const Json& config, const std::string& where, nn::Weights& weights) {
    return builderOf(config, where).build(config, where, weights);
}

std::vector<nn::Projection> networkLayers(const fs::path& folder) {
    constexpr std::string_view kEnding = ".weight";
    nn::WeightShapes wanted;
    buildFrom(folder, wanted);
    std::vector<nn::Projection> layers;
    for (const auto& [name, shape] : wanted.shapes()) {
        if (name.ends_with(kEnding) && shape.size() >= 2) {
            layers.push_back({name.substr(0, name.size() - kEnding.size()), at::empty(shape, at::kMeta)});
        }
    }
    return layers;
}

std::set<std::string> adaptableLayers(const fs::path& folder) {
    nn::WeightShapes wanted;
    const std::unique_ptr<Network> network = buildFrom(folder, wanted);
    std::set<std::string> paths;
    for (const nn::Projection& projection : network->projections()) {
        paths.insert(projection.path);
    }
    return paths;
}

}  // namespace rlcm::models
