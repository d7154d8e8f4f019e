// Cosine between an image and its prompt in CLIP space.
#include "core/rewards/reward.h"

#include <map>
#include <mutex>

#include "core/models/clip.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

/// One torch thread on the calling thread while alive: scoring runs beside the trainer, which has the cores.
class OneTorchThread {
public:
    OneTorchThread() : m_before(at::get_num_threads()) { tensor::setIntraOpThreads(1); }
    ~OneTorchThread() { tensor::setIntraOpThreads(m_before); }
    OneTorchThread(const OneTorchThread&) = delete;
    OneTorchThread& operator=(const OneTorchThread&) = delete;

private:
    int m_before;
};

class Alignment : public Reward {
public:
    explicit Alignment(models::ClipModel model) : m_model(std::move(model)) {}
    std::string_view name() const override { return "alignment"; }

    std::vector<double> score(const std::vector<image::Rgb8Image>& images,
                              const std::vector<std::string>& prompts) const override {
        if (images.empty()) {
            return {};
        }
        const tensor::GradMode noGrad(false);
        const OneTorchThread oneThread;
        const at::Tensor cosines =
            (m_model.embedImages(images) * textEmbeddings(prompts)).sum(1).to(at::kDouble);
        const double* first = cosines.const_data_ptr<double>();
        return {first, first + cosines.numel()};
    }

private:
    /// Unit-length rows, one per prompt.
    at::Tensor textEmbeddings(const std::vector<std::string>& prompts) const {
        const std::lock_guard lock(m_mutex);
        std::vector<at::Tensor> rows;
        rows.reserve(prompts.size());
        for (const std::string& prompt : prompts) {
            at::Tensor& row = m_texts[prompt];
            if (!row.defined()) {
                // Alone, so that the value does not depend on which prompts came before: a resumed run gets
                // the same bits.
                row = m_model.embedTexts({prompt});
            }
            rows.push_back(row);
        }
        return at::cat(rows);
    }

    models::ClipModel m_model;
    mutable std::mutex m_mutex;
    mutable std::map<std::string, at::Tensor> m_texts;  // guarded by m_mutex; [1,P]
};

}  // namespace

std::unique_ptr<Reward> makeAlignment(const std::string& modelFolder) {
    // Settles the number of torch threads of the constructing thread (the trainer's) before scoring threads
    // set theirs: a thread that has not used torch yet would otherwise start from the last number set
    // anywhere.
    at::get_num_threads();
    return std::make_unique<Alignment>(models::ClipModel::load(modelFolder, at::kCPU));
}

}  // namespace rlcm::rewards
