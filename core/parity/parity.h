#pragma once
// Runs fixture folders made with the reference libraries through our code. Used by `rlcm parity` and by the tests.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::parity {

/// One compared quantity.
struct Quantity {
    std::string name;
    double maxAbs = 0;     ///< largest |ours - expected|; for exact comparisons the number of differing elements
    double maxRel = 0;     ///< maxAbs / largest |expected|
    double tolerance = 0;  ///< on the measure that `isRelative` names
    bool isRelative = false;
    bool passed = false;
    std::string note;  ///< "" or what differs first
};
struct Report {
    std::string kind;  ///< folder name in golden/, as "unet_lcm"
    std::filesystem::path folder;
    std::vector<Quantity> quantities;
    bool passed() const;  ///< false when any failed or nothing was compared
};

/// What a fixture's networks are computed in.
struct Arithmetic {
    at::Device device;
    at::ScalarType dtype = at::kFloat;
};

/// Kinds this build understands.
std::vector<std::string> kinds();
/// A kind that is a network, and so can be computed in less than full precision, where the tolerance is what rounding in it allows.
bool isNetwork(const std::string& kind);
/// Runs one fixture. `folder` is the folder of a kind (all models in it) or one model folder below it; the kind is the nearest
/// path component that names one. throws: Config when there is none (the kinds are listed), Io or Format for broken fixtures.
/// throws: Config also when `on` is of reduced precision and the kind is no network.
Report runFixture(const std::filesystem::path& folder, const Arithmetic& on);

// --- one function per family of kinds, each in its own file; `folder` is the folder of the kind or of one model ---
Report runSafetensors(const std::filesystem::path& folder);
Report runTokenizer(const std::filesystem::path& folder);
Report runJpegSizes(const std::filesystem::path& folder);
Report runResize(const std::filesystem::path& folder);
Report runUNet(const std::filesystem::path& folder, const Arithmetic& on);
Report runVae(const std::filesystem::path& folder, const Arithmetic& on);
Report runClipText(const std::filesystem::path& folder, const Arithmetic& on);
Report runClipVision(const std::filesystem::path& folder, const Arithmetic& on);
Report runClipModel(const std::filesystem::path& folder, const Arithmetic& on);
Report runAesthetic(const std::filesystem::path& folder);
Report runLora(const std::filesystem::path& folder, const at::Device& device);  ///< all formats, or the folder of one
Report runSchedulers(const std::filesystem::path& folder);
Report runScalars(const std::filesystem::path& folder);
Report runRules(const std::filesystem::path& folder);  ///< the parts whose rule the product has
Report runMeasures(const std::filesystem::path& folder);
Report runStatistics(const std::filesystem::path& folder);
Report runStatTracker(const std::filesystem::path& folder);
Report runUpdate(const std::filesystem::path& folder, const at::Device& device);  ///< rlcm_update, ddpo_update

/// Absolute comparison of tensors (any dtype, compared in f64). A shape difference or a non-finite value fails.
Quantity compare(std::string name, const at::Tensor& ours, const at::Tensor& expected, double atol);

}  // namespace rlcm::parity
