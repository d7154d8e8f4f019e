#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/models/clip.h"
#include "core/models/unet.h"
#include "core/models/vae.h"
#include "core/nn/merged_projection.h"
#include "core/parity/gauge.h"
#include "core/parity/parity.h"
#include "core/tensor/image_tensor.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

namespace fs = std::filesystem;

// A float64 network differs from the float64 reference only by the order of sums.
constexpr double kFloat64Tolerance = 1e-10;
// Largest difference by the largest expected value: about ten roundings of an operator's output.
constexpr double kBf16Tolerance = 0.05, kFp16Tolerance = 0.02;  // processors round halves at different places: 0.0102 seen with AVX2

/// Weights to load and the fixture (inputs, outputs, tolerances) that they must reproduce.
struct Model {
    fs::path weights;
    fs::path fixture;
    std::string name;  ///< prefix of its quantities
};

bool hasWeights(const fs::path& folder) {
    return fs::exists(folder / "diffusion_pytorch_model.safetensors") || fs::exists(folder / "model.safetensors");
}

std::vector<fs::path> subfolders(const fs::path& folder) {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory()) {
            folders.push_back(entry.path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

/// The models of a kind's folder or of one model folder. A subfolder with weights but without inputs is another spelling of
/// the model above it.
std::vector<Model> findModels(const fs::path& given) {
    const fs::path folder = fs::weakly_canonical(given);
    std::vector<Model> models;
    const auto addFixture = [&](const fs::path& fixture, const std::string& name) {
        models.push_back({fixture, fixture, name});
        for (const fs::path& variant : subfolders(fixture)) {
            if (hasWeights(variant) && !fs::exists(variant / "io.safetensors")) {
                models.push_back({variant, fixture, name + variant.filename().string() + "."});
            }
        }
    };
    if (fs::exists(folder / "io.safetensors")) {
        addFixture(folder, "");
    } else if (hasWeights(folder) && fs::exists(folder.parent_path() / "io.safetensors")) {
        models.push_back({folder, folder.parent_path(), ""});
    } else if (fs::is_directory(folder)) {
        for (const fs::path& fixture : subfolders(folder)) {
            if (fs::exists(fixture / "io.safetensors")) {
                addFixture(fixture, fixture.filename().string() + ".");
            }
        }
    }
    if (models.empty()) {
        throw Error(ErrorKind::Io, given.string() + ": no fixture here; a folder with config.json, weights and io.safetensors is wanted");
    }
    return models;
}

/// Name of the kind in a path: the last component that starts with `family`.
std::string kindOf(const fs::path& folder, const std::string& family) {
    std::string kind = family;
    for (const fs::path& part : fs::weakly_canonical(folder)) {
        if (part.string().starts_with(family)) {
            kind = part.string();
        }
    }
    return kind;
}

struct Fixture {
    Fixture(const fs::path& folder, const Arithmetic& on) : io(folder / "io.safetensors"), expected(readJsonFile(folder / "expected.json")), arithmetic(on) {
        if (!expected.is_object() || !expected.contains("atol") || !expected["atol"].is_number()) {
            throw Error(ErrorKind::Format, (folder / "expected.json").string() + ": a number \"atol\" is wanted");
        }
        atol = expected["atol"].get<double>();
    }
    /// Names X for which there is a tensor X + suffix.
    std::vector<std::string> stems(std::string_view suffix) const {
        std::vector<std::string> found;
        for (const auto& [name, entry] : io.entries()) {
            if (name.ends_with(suffix)) {
                found.push_back(name.substr(0, name.size() - suffix.size()));
            }
        }
        return found;
    }
    /// On the device; what is not a whole number in the arithmetic of the network.
    at::Tensor operator()(const std::string& name) const {
        const at::Tensor value = io.tensor(name).to(arithmetic.device);
        return value.is_floating_point() ? value.to(arithmetic.dtype) : value;
    }
    /// Within the fixture's own tolerance in full precision, else within what the precision allows.
    Quantity check(const std::string& name, const at::Tensor& ours, const at::Tensor& wanted) const {
        if (arithmetic.dtype == at::kFloat || arithmetic.dtype == at::kDouble) {
            return compare(name, ours, wanted, arithmetic.dtype == at::kDouble ? kFloat64Tolerance : atol);
        }
        Gauge gauge(name, arithmetic.dtype == at::kHalf ? kFp16Tolerance : kBf16Tolerance, Gauge::Measure::Relative);
        gauge.add(ours, wanted);
        return gauge.result();
    }

    data::SafetensorsFile io;
    Json expected;
    Arithmetic arithmetic;
    double atol = 0;
};

at::Tensor runCase(const models::UNet& unet, const Fixture& fixture, const std::string& name, const models::UNet::Tap& tap) {
    const std::string guidance = name + ".timestep_cond";
    at::Tensor embedding = unet.timeEmbedding(fixture.io.tensor(name + ".timestep").to(fixture.arithmetic.device).reshape({-1}),
                                              fixture.io.contains(guidance) ? fixture(guidance) : at::Tensor());
    if (tap) {
        tap("time_embedding", embedding);
    }
    if (unet.config().addition) {
        const at::Tensor added = unet.addedEmbedding(fixture(name + ".text_embeds"), fixture(name + ".time_ids"));
        if (tap) {
            tap("add_embedding", added);
        }
        embedding = embedding + added;
    }
    return unet.forward(fixture(name + ".sample"), unet.timeFeatures(embedding), fixture(name + ".encoder_hidden_states"), nn::withoutLora(unet.projections()),
                        tap);
}

/// Start of a note: the first block whose output differs by more than the tolerance, "" when none does.
std::string firstDifference(const std::vector<std::pair<std::string, at::Tensor>>& taps, const Fixture& fixture, const std::string& name) {
    for (const auto& [tap, ours] : taps) {
        const std::string key = name + ".tap." + tap;
        if (!fixture.io.contains(key)) {
            continue;
        }
        const Quantity quantity = fixture.check(tap, ours, fixture.io.tensor(key));
        if (!quantity.passed) {
            return "first differs at " + tap + "; ";
        }
    }
    return "";
}

void compareUNet(Report& report, const Model& model, const Arithmetic& on) {
    const Fixture fixture(model.fixture, on);
    const models::UNet unet = models::UNet::load(model.weights, on.dtype, on.device);
    if (fixture.expected.contains("parameters")) {
        report.quantities.push_back(compare(model.name + "parameters", at::scalar_tensor(unet.parameterCount(), at::kDouble),
                                            at::scalar_tensor(fixture.expected["parameters"].get<std::int64_t>(), at::kDouble), 0.0));
    }
    for (const std::string& name : fixture.stems(".noise_pred")) {
        std::vector<std::pair<std::string, at::Tensor>> taps;
        const auto keep = [&](std::string_view tap, const at::Tensor& x) { taps.emplace_back(tap, x); };
        const at::Tensor ours = runCase(unet, fixture, name, keep);
        if (unet.config().addition) {
            const auto added = std::find_if(taps.begin(), taps.end(), [](const auto& tap) { return tap.first == "add_embedding"; });
            report.quantities.push_back(fixture.check(model.name + name + ".add_embedding", added->second, fixture.io.tensor(name + ".tap.add_embedding")));
        }
        Quantity quantity = fixture.check(model.name + name, ours, fixture.io.tensor(name + ".noise_pred"));
        if (!quantity.passed) {
            quantity.note = firstDifference(taps, fixture, name) + quantity.note;
        }
        report.quantities.push_back(quantity);
    }
    if (!on.device.is_cpu() || on.dtype != at::kFloat) {
        return;
    }
    const Fixture inDouble(model.fixture, {on.device, at::kDouble});
    const models::UNet wide = models::UNet::load(model.weights, at::kDouble, on.device);
    for (const std::string& name : fixture.stems(".noise_pred_f64")) {
        report.quantities.push_back(inDouble.check(model.name + name + ".f64", runCase(wide, inDouble, name, {}), fixture.io.tensor(name + ".noise_pred_f64")));
    }
}

/// Bytes that differ although rounding does not explain it: one step is allowed where 255 x lies within 255 atol of a half.
Quantity compareBytes(const std::string& name, const at::Tensor& decoded, const at::Tensor& expectedImage, const at::Tensor& expectedBytes, double atol) {
    const std::vector<image::Rgb8Image> images = tensor::toImages(decoded);
    std::vector<at::Tensor> rows;
    for (const image::Rgb8Image& image : images) {
        at::Tensor bytes = at::empty({image.height, image.width, 3}, at::kByte);
        std::memcpy(bytes.data_ptr<std::uint8_t>(), image.pixels.data(), image.pixels.size());
        rows.push_back(bytes.permute({2, 0, 1}));
    }
    const at::Tensor ours = at::stack(rows).to(at::kInt), wanted = expectedBytes.to(at::kInt);
    if (ours.sizes() != wanted.sizes()) {
        return compare(name, ours, wanted, 0.0);
    }
    const at::Tensor level = expectedImage.to(at::kDouble).mul(0.5).add(0.5).clamp(0.0, 1.0).mul(255.0);
    const at::Tensor isNearHalf = (level - level.floor() - 0.5).abs() <= 255.0 * atol;
    const at::Tensor difference = (ours - wanted).abs();
    const at::Tensor unexplained = difference > isNearHalf.to(at::kInt);
    return compare(name, unexplained.sum().to(at::kDouble), at::scalar_tensor(0.0, at::kDouble), 0.0);
}

void compareVae(Report& report, const Model& model, const Arithmetic& on) {
    const Fixture fixture(model.fixture, on);
    const models::Vae vae = models::Vae::load(model.weights, on.dtype, on.device);
    const auto check = [&](const std::string& key, const at::Tensor& ours) {
        report.quantities.push_back(fixture.check(model.name + key, ours, fixture.io.tensor(key)));
    };
    for (const std::string& name : fixture.stems(".moments")) {
        const at::Tensor moments = vae.encodeMoments(fixture(name + ".image"));
        const std::vector<at::Tensor> halves = moments.chunk(2, 1);
        check(name + ".moments", moments);
        check(name + ".mean", halves[0]);
        check(name + ".logvar", halves[1].clamp(-30.0, 20.0));
        check(name + ".scaled_latent", halves[0] * vae.config().scalingFactor);
    }
    for (const std::string& name : fixture.stems(".latent")) {
        check(name + ".image", vae.decode(fixture(name + ".latent")));
    }
    for (const std::string& name : fixture.stems(".pipeline_latent")) {
        const at::Tensor decoded = vae.decodeScaled(fixture(name + ".pipeline_latent"));
        check(name + ".pipeline_image", decoded);
        if (on.dtype != at::kFloat) {
            continue;
        }
        report.quantities.push_back(compareBytes(model.name + name + ".pipeline_u8", decoded, fixture.io.tensor(name + ".pipeline_image"),
                                                 fixture.io.tensor(name + ".pipeline_u8"), fixture.atol));
    }
}

void compareClipText(Report& report, const Model& model, const Arithmetic& on) {
    const Fixture fixture(model.fixture, on);
    const fs::path weights = model.weights / "model.safetensors";
    for (const auto& [config, suffix] : {std::pair("config.json", ""), std::pair("config_legacy_eos.json", "_legacy_eos")}) {
        if (!fs::exists(model.fixture / config)) {
            continue;
        }
        const models::ClipText encoder = models::ClipText::loadFiles(model.fixture / config, weights, on.dtype, on.device);
        for (const std::string& group : fixture.stems(".input_ids")) {
            const models::TextOutput out = encoder.forward(fixture(group + ".input_ids"));
            std::map<std::string, at::Tensor> ours{{std::string("pooled") + suffix, out.pooled},
                                                   {std::string("text_embeds") + suffix, out.embeds},
                                                   {"last_hidden_state", out.lastHidden},
                                                   {"hidden_state_minus_1", out.hiddenStates.back()},
                                                   {"hidden_state_minus_2", out.hiddenStates[out.hiddenStates.size() - 2]}};
            for (const auto& [name, value] : ours) {
                const std::string key = group + "." + name;
                if (fixture.io.contains(key)) {
                    report.quantities.push_back(fixture.check(model.name + key, value, fixture.io.tensor(key)));
                }
            }
        }
    }
}

void compareClipVision(Report& report, const Model& model, const Arithmetic& on) {
    const Fixture fixture(model.fixture, on);
    const models::ClipVision encoder = models::ClipVision::load(model.weights, on.dtype, on.device);
    const models::VisionOutput out = encoder.forward(fixture("pixel_values"));
    const std::map<std::string, at::Tensor> ours{{"last_hidden_state", out.lastHidden},
                                                 {"pooled", out.pooled},
                                                 {"image_embeds", out.embeds},
                                                 {"image_embeds_normalised", out.embeds / out.embeds.norm(2, {-1}, true)}};
    for (const auto& [name, value] : ours) {
        report.quantities.push_back(fixture.check(model.name + name, value, fixture.io.tensor(name)));
    }
}

void compareClipModel(Report& report, const Model& model, const Arithmetic& on) {
    const Fixture fixture(model.fixture, on);
    const models::ClipModel clip = models::ClipModel::loadTowers(model.weights, on.dtype, on.device);
    const at::Tensor rawImages = clip.vision().forward(fixture("pixel_values")).embeds;
    const at::Tensor rawTexts = clip.text().forward(fixture("input_ids")).embeds;
    const at::Tensor images = rawImages / rawImages.norm(2, {-1}, true), texts = rawTexts / rawTexts.norm(2, {-1}, true);
    const at::Tensor cosine = at::matmul(images, texts.t()), logits = cosine * std::exp(clip.logitScale());
    const std::map<std::string, at::Tensor> ours{{"image_embeds", images},     {"text_embeds", texts},          {"cosine", cosine},
                                                 {"logits_per_image", logits}, {"logits_per_text", logits.t()}, {"clip_score", 2.5 * cosine.clamp_min(0.0)},
                                                 {"pick_score", logits}};
    for (const auto& [name, value] : ours) {
        report.quantities.push_back(fixture.check(model.name + name, value, fixture.io.tensor(name)));
    }
}

Report runModels(const fs::path& folder, const std::string& family, const Arithmetic& on,
                 const std::function<void(Report&, const Model&, const Arithmetic&)>& compareModel) {
    const at::NoGradGuard noGrad;
    Report report;
    report.kind = kindOf(folder, family);
    report.folder = folder;
    for (const Model& model : findModels(folder)) {
        compareModel(report, model, on);
    }
    return report;
}

}  // namespace

Report runUNet(const fs::path& folder, const Arithmetic& on) {
    return runModels(folder, "unet_", on, compareUNet);
}

Report runVae(const fs::path& folder, const Arithmetic& on) {
    return runModels(folder, "vae", on, compareVae);
}

Report runClipText(const fs::path& folder, const Arithmetic& on) {
    return runModels(folder, "clip_text", on, compareClipText);
}

Report runClipVision(const fs::path& folder, const Arithmetic& on) {
    return runModels(folder, "clip_vision", on, compareClipVision);
}

Report runClipModel(const fs::path& folder, const Arithmetic& on) {
    return runModels(folder, "clip_model", on, compareClipModel);
}

}  // namespace rlcm::parity
