// One property of a picture, told from two descriptions that differ in it alone. source: Wang et al. 2023, "Exploring CLIP for Assessing the Look and Feel of
// Images", whose probability is a function of this difference; the difference itself does not flatten out.
#include "core/base/error.h"
#include "core/rewards/clip_scorer.h"
#include "core/rewards/reward.h"

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
        std::vector<double> scores = m_scorer.cosines(images, texts(m_toward, prompts));
        const std::vector<double> away = m_scorer.cosines(images, texts(m_away, prompts));
        for (std::size_t i = 0; i < scores.size(); ++i) {
            scores[i] -= away[i];
        }
        return scores;
    }

private:
    static std::vector<std::string> texts(const std::string& description, const std::vector<std::string>& prompts) {
        std::vector<std::string> result;
        result.reserve(prompts.size());
        for (const std::string& prompt : prompts) {
            result.push_back(described(description, prompt));
        }
        return result;
    }

    ClipScorer m_scorer;
    std::string m_toward, m_away;
};

}  // namespace

std::unique_ptr<Reward> makeContrast(const std::string& modelFolder, const std::string& toward, const std::string& away, const Place& place) {
    return std::make_unique<Contrast>(modelFolder, toward, away, place);
}

}  // namespace rlcm::rewards
