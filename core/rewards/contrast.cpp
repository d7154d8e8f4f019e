// One property of a picture, told from two descriptions that differ in it alone. source: Wang et al. 2023, "Exploring CLIP for Assessing the Look and Feel of
// Images", whose probability is a function of this difference; the difference itself does not flatten out.
#include "core/rewards/clip_scorer.h"
#include "core/rewards/reward.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

constexpr std::string_view kPromptMark = "{}";

/// The description with the prompt at its mark.
std::string described(const std::string& description, const std::string& prompt) {
    const std::size_t mark = description.find(kPromptMark);
    return mark == std::string::npos ? description : std::string(description).replace(mark, kPromptMark.size(), prompt);
}

class Contrast : public Reward {
public:
    Contrast(const std::string& modelFolder, std::string toward, std::string away, const Place& place)
        : m_scorer(modelFolder, place), m_toward(std::move(toward)), m_away(std::move(away)) {}
    std::string_view name() const override { return "contrast"; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const override {
        return m_scorer.cosines(images, textsOf(prompts));
    }
    bool isDifferentiable() const override { return true; }
    at::Tensor scorePictures(const at::Tensor& pictures, const std::vector<std::string>& prompts) const override {
        return m_scorer.cosinesOfPictures(pictures, textsOf(prompts));
    }

private:
    ClipScorer::Texts textsOf(const std::vector<std::string>& prompts) const {
        ClipScorer::Texts texts;
        for (const std::string& prompt : prompts) {
            texts.toward.push_back(described(m_toward, prompt));
            texts.away.push_back(described(m_away, prompt));
        }
        return texts;
    }

    ClipScorer m_scorer;
    std::string m_toward, m_away;
};

}  // namespace

std::unique_ptr<Reward> makeContrast(const std::string& modelFolder, const std::string& toward, const std::string& away, const Place& place) {
    return std::make_unique<Contrast>(modelFolder, toward, away, place);
}

}  // namespace rlcm::rewards
