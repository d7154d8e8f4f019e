// How pleasing an image is: a head trained on people's ratings, over CLIP image embeddings.
#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/models/score_head.h"
#include "core/rewards/clip_scorer.h"
#include "core/rewards/reward.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

class Aesthetic : public Reward {
public:
    Aesthetic(models::ClipVision vision, const models::ClipPreprocess& preprocess, models::ScoreHead head, const Place& place)
        : m_vision(std::move(vision)), m_preprocess(preprocess), m_head(std::move(head)), m_place(place) {}
    std::string_view name() const override { return "aesthetic"; }

    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>&) const override {
        const tensor::GradMode noGrad(false);
        const TorchThreads threads(m_place);
        const std::size_t step = models::imagesAtOnce(m_vision.config());
        std::vector<double> scores;
        scores.reserve(images.size());
        for (std::size_t first = 0; first < images.size(); first += step) {
            const std::size_t last = std::min(images.size(), first + step);
            const at::Tensor pixels =
                m_preprocess.apply({images.begin() + static_cast<std::ptrdiff_t>(first), images.begin() + static_cast<std::ptrdiff_t>(last)});
            const at::Tensor embeds = m_vision.forward(pixels).embeds.to(at::kCPU, at::kFloat);
            const at::Tensor values = m_head.score(embeds / embeds.norm(2, {-1}, true)).to(at::kDouble);
            scores.insert(scores.end(), values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel());
        }
        return scores;
    }

    bool isDifferentiable() const override { return true; }
    at::Tensor scorePictures(const at::Tensor& pictures, const std::vector<std::string>&) const override {
        const at::Tensor embeds = m_vision.forward(m_preprocess.applySmooth(pictures)).embeds.to(at::kCPU, at::kFloat);  // where the head is
        return m_head.score(embeds / embeds.norm(2, {-1}, true)).to(pictures.device());
    }

private:
    models::ClipVision m_vision;
    models::ClipPreprocess m_preprocess;
    models::ScoreHead m_head;
    Place m_place;
};

}  // namespace

std::unique_ptr<Reward> makeAesthetic(const std::string& modelFolder, const std::string& headFile, const Place& place) {
    models::ScoreHead head = models::ScoreHead::load(headFile);
    const auto preprocess = models::ClipPreprocess::load(modelFolder);
    auto vision = models::ClipVision::load(modelFolder, at::kFloat, tensor::parseDevice(place.device));
    if (vision.config().projection != head.width()) {
        throw Error(ErrorKind::Config, "the score head " + headFile + " takes embeddings of " + std::to_string(head.width()) + " numbers, the CLIP model " +
                                           modelFolder + " gives " + std::to_string(vision.config().projection) +
                                           "; LAION's head belongs to openai/clip-vit-large-patch14 (768)");
    }
    at::get_num_threads();  // settles the number of this thread, as in ClipScorer
    return std::make_unique<Aesthetic>(std::move(vision), preprocess, std::move(head), place);
}

}  // namespace rlcm::rewards
