#include "tests/support/fake_library.h"

#include <algorithm>

#include "core/base/error.h"

namespace rlcm::test {

FakeLibrary::FakeLibrary()
    : m_entries{{"tiny-clip", "/models/tiny-clip", true, false},
                {"tiny-lcm", "/models/tiny-lcm", true, false},
                {"tiny-sd", "/models/tiny-sd", true, false},
                {"broken", "/elsewhere/broken", false, false}} {}

std::vector<run::ModelEntry> FakeLibrary::list() const {
    const std::lock_guard lock(m_mutex);
    return m_entries;
}

run::ModelEntry FakeLibrary::add(const std::filesystem::path& folder, std::string_view name, bool isCopied) {
    if (folder.string().find("nothing") != std::string::npos) {
        throw Error(ErrorKind::Format, folder.string() + " holds no model");
    }
    const std::lock_guard lock(m_mutex);
    m_entries.push_back({name.empty() ? folder.filename().string() : std::string(name), folder, false, isCopied});
    return m_entries.back();
}

void FakeLibrary::remove(std::string_view name) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_entries, [&](const run::ModelEntry& one) { return one.name == name && !one.isBundled; });
}

run::ModelFacts FakeLibrary::inspect(std::string_view nameOrFolder) const {
    m_gate.acquire();
    m_gate.release();
    ++m_inspections;
    run::ModelFacts facts;
    facts.parameters = 900'000;
    facts.dtype = "fp32";
    facts.bytes = 3'600'000;
    facts.resolution = 64;
    facts.shape = "other";
    if (nameOrFolder == "tiny-clip") {
        facts.kind = run::ModelKind::ClipScorer;
        facts.uses = {{"alignment, clipscore", true, "Agreement of text and image."}, {"aesthetic", false, "It wants a ViT-L/14."}};
        return facts;
    }
    facts.kind = nameOrFolder == "tiny-sd" || nameOrFolder == "broken" ? run::ModelKind::Diffusion : run::ModelKind::Consistency;
    facts.components = {{"unet", 300, 700'000, 2'800'000, "fp32"}, {"vae", 100, 200'000, 800'000, "fp32"}};
    facts.uses = {{"RLCM", facts.kind == run::ModelKind::Consistency, "Fine-tuning."}, {"DDPO", facts.kind == run::ModelKind::Diffusion, "Fine-tuning."}};
    if (nameOrFolder == "broken") {
        facts.problems = {{"/elsewhere/broken/unet: only diffusion_pytorch_model.bin is here", "Convert it once."},
                          {"/elsewhere/broken: the component \"vae\" is missing", {}}};
    }
    return facts;
}

run::RewardTrial fakeTrial(const run::RewardConfig& reward, const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) {
    ensure(images.size() == prompts.size() && !images.empty(), "one prompt for each image");
    if (reward.terms == "server") {
        throw Error(ErrorKind::Reward, "reward.server_url: no answer from " + reward.serverUrl);
    }
    run::RewardTrial trial;
    for (const image::Rgb8Image& image : images) {
        double sum = 0;
        for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
            sum += image.pixels[i];
        }
        trial.totals.push_back(3 * sum / static_cast<double>(image.pixels.size()));
    }
    trial.terms = {{reward.terms, trial.totals}};
    trial.loadSeconds = 0.25;
    trial.millisecondsPerImage = 4;
    return trial;
}

}  // namespace rlcm::test
