#include "app/cli/parity_runner.h"

#include "core/parity/parity.h"
#include "core/tensor/device.h"

namespace rlcm::cli {

std::vector<std::string> parityKinds(run::Dtype dtype) {
    std::vector<std::string> kinds = parity::kinds();
    if (dtype != run::Dtype::Fp32) {
        std::erase_if(kinds, [](const std::string& kind) { return !parity::isNetwork(kind); });
    }
    return kinds;
}

Json runParity(const std::filesystem::path& folder, const std::string& device, run::Dtype dtype) {
    const parity::Report report = parity::runFixture(folder, {tensor::parseDevice(device), tensor::parseDtype(toString(dtype))});
    Json quantities = Json::array();
    for (const parity::Quantity& quantity : report.quantities) {
        quantities.push_back({{"name", quantity.name},
                              {"max_abs", quantity.maxAbs},
                              {"max_rel", quantity.maxRel},
                              {"tolerance", quantity.tolerance},
                              {"relative", quantity.isRelative},
                              {"passed", quantity.passed},
                              {"note", quantity.note}});
    }
    return {{"kind", report.kind}, {"folder", report.folder.string()}, {"passed", report.passed()}, {"quantities", quantities}};
}

}  // namespace rlcm::cli
