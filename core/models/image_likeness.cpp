#include "core/models/image_likeness.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/models/clip.h"
#include "core/models/pipeline.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

class Meter {
public:
    double cosine(const std::string& name, const image::Rgb8Image& a, const image::Rgb8Image& b) {
        const std::lock_guard lock(m_mutex);
        if (m_name != name) {
            m_model.reset();  // two of them need not fit
            m_name.clear();
            m_model = ClipModel::load(findModel(name), at::kCPU);
            m_name = name;
        }
        const at::Tensor rows = m_model->embedImages({a, b}).to(at::kDouble);  // of unit length
        return (rows[0] * rows[1]).sum().item<double>();
    }

private:
    std::mutex m_mutex;
    std::string m_name;                // guarded by m_mutex
    std::optional<ClipModel> m_model;  // guarded by m_mutex
};

}  // namespace

run::LikenessMeter makeLikenessMeter(int threads) {
    return [meter = std::make_shared<Meter>(), threads](const std::string& model, const image::Rgb8Image& a, const image::Rgb8Image& b) {
        const tensor::GradMode noGrad(false);
        tensor::setIntraOpThreads(threads);  // of this thread
        return meter->cosine(model, a, b);
    };
}

}  // namespace rlcm::models
