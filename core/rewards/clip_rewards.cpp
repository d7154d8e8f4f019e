// Rewards that are a function of the cosine between an image and a text in the space of one CLIP model.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/error.h"
#include "core/rewards/clip_scorer.h"
#include "core/rewards/reward.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

constexpr double kClipScoreFactor = 2.5;
constexpr const char* kClipScorePrefix = "A photo depicts ";
constexpr double kMaxLogitScale = 6.0;  // exp of it is 403; CLIP training stops at ln(100) = 4.6

/// What a reward makes of the cosine.
struct Finish {
    double factor = 1.0;
    bool cutsNegative = false;
};

class CosineReward : public Reward {
public:
    CosineReward(std::string_view name, std::shared_ptr<const ClipScorer> scorer, std::string prefix, Finish finish)
        : m_name(name), m_scorer(std::move(scorer)), m_prefix(std::move(prefix)), m_finish(finish) {}
    std::string_view name() const override { return m_name; }

    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const override {
        std::vector<double> scores = m_scorer->cosines(images, {textsOf(prompts)});
        for (double& score : scores) {
            score = m_finish.factor * (m_finish.cutsNegative ? std::max(score, 0.0) : score);
        }
        return scores;
    }
    bool isDifferentiable() const override { return true; }
    at::Tensor scorePictures(const at::Tensor& pictures, const std::vector<std::string>& prompts) const override {
        const at::Tensor cosines = m_scorer->cosinesOfPictures(pictures, {textsOf(prompts)});
        return m_finish.factor * (m_finish.cutsNegative ? at::relu(cosines) : cosines);
    }

private:
    std::vector<std::string> textsOf(const std::vector<std::string>& prompts) const {
        std::vector<std::string> texts;
        texts.reserve(prompts.size());
        for (const std::string& prompt : prompts) {
            texts.push_back(m_prefix + prompt);
        }
        return texts;
    }

    std::string_view m_name;
    std::shared_ptr<const ClipScorer> m_scorer;
    std::string m_prefix;
    Finish m_finish;
};

}  // namespace

std::unique_ptr<Reward> makeAlignment(const std::string& modelFolder, const Place& place) {
    return std::make_unique<CosineReward>("alignment", std::make_shared<ClipScorer>(modelFolder, place), "", Finish{});
}

std::unique_ptr<Reward> makeClipScore(const std::string& modelFolder, const Place& place) {
    return std::make_unique<CosineReward>("clipscore", std::make_shared<ClipScorer>(modelFolder, place), kClipScorePrefix,
                                          Finish{.factor = kClipScoreFactor, .cutsNegative = true});
}

std::unique_ptr<Reward> makePickScore(const std::string& modelFolder, const Place& place) {
    // Its authors publish weights and config.json; tokenizer and image preparation are those of the model that they
    // started from.
    for (const char* file : {"preprocessor_config.json", "tokenizer_config.json"}) {
        if (!std::filesystem::exists(std::filesystem::path(modelFolder) / file)) {
            throw Error(ErrorKind::Io, modelFolder + " lacks " + file +
                                           "; copy the tokenizer's files and preprocessor_config.json of "
                                           "laion/CLIP-ViT-H-14-laion2B-s32B-b79K into it");
        }
    }
    auto scorer = std::make_shared<ClipScorer>(modelFolder, place);
    const double logitScale = scorer->logitScale();
    if (!std::isfinite(logitScale) || logitScale > kMaxLogitScale) {
        throw Error(ErrorKind::Format,
                    modelFolder + ": logit_scale is " + std::to_string(logitScale) + "; the factor on the cosine is exp() of it, which should be about 100");
    }
    return std::make_unique<CosineReward>("pickscore", std::move(scorer), "", Finish{.factor = std::exp(logitScale)});
}

std::unique_ptr<Reward> makeHpsV2(const std::string& modelFolder, const Place& place) {
    return std::make_unique<CosineReward>("hpsv2", std::make_shared<ClipScorer>(modelFolder, place, models::ClipFit::Whole), "", Finish{});
}

}  // namespace rlcm::rewards
