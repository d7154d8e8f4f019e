#include "core/rewards/clip_scorer.h"

#include <algorithm>

#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

constexpr std::int64_t kMaxActivation = std::int64_t{16} << 20;  // f32 numbers, 64 MiB
constexpr std::size_t kMaxImages = 64;
constexpr std::size_t kKeptTexts = 4096;  // 16 MiB for the 1024 numbers of CLIP-H

}  // namespace

TorchThreads::TorchThreads(const Place& place) : m_before(at::get_num_threads()) {
    if (place.device == "cpu") {
        tensor::setIntraOpThreads(place.threads);
    }
}

TorchThreads::~TorchThreads() {
    tensor::setIntraOpThreads(m_before);
}

std::size_t imagesAtOnce(const models::ClipVisionConfig& config) {
    const std::int64_t side = config.imageSize / config.patchSize;
    const std::int64_t perImage = (1 + side * side) * std::max(config.intermediate, 3 * config.hidden);
    return std::clamp(static_cast<std::size_t>(kMaxActivation / perImage), std::size_t{1}, kMaxImages);
}

at::Tensor TextCache::find(const std::string& text) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_rows.find(text);
    if (found == m_rows.end()) {
        return {};
    }
    m_order.splice(m_order.begin(), m_order, found->second);
    return found->second->second;
}

void TextCache::keep(const std::string& text, const at::Tensor& row) {
    const std::lock_guard lock(m_mutex);
    if (m_rows.contains(text)) {
        return;  // another thread was faster
    }
    m_order.emplace_front(text, row);
    m_rows[text] = m_order.begin();
    if (m_order.size() > m_limit) {
        m_rows.erase(m_order.back().first);
        m_order.pop_back();
    }
}

std::size_t TextCache::size() const {
    const std::lock_guard lock(m_mutex);
    return m_order.size();
}

ClipScorer::ClipScorer(const std::string& modelFolder, const Place& place)
    : m_place(place),
      m_model(models::ClipModel::load(modelFolder, tensor::parseDevice(place.device))),
      m_texts(kKeptTexts) {
    // Settles the number of torch threads of the constructing thread (the trainer's) before scoring threads
    // set theirs: a thread that has not used torch yet would otherwise start from the last number set
    // anywhere.
    at::get_num_threads();
}

std::vector<double> ClipScorer::cosines(const std::vector<image::Rgb8Image>& images,
                                        const std::vector<std::string>& texts) const {
    const tensor::GradMode noGrad(false);
    const TorchThreads threads(m_place);
    const std::size_t step = imagesAtOnce(m_model.vision().config());
    std::vector<double> result;
    result.reserve(images.size());
    for (std::size_t first = 0; first < images.size(); first += step) {
        const std::size_t last = std::min(images.size(), first + step);
        const at::Tensor seen = m_model.embedImages({images.begin() + static_cast<std::ptrdiff_t>(first),
                                                     images.begin() + static_cast<std::ptrdiff_t>(last)});
        std::vector<at::Tensor> rows;
        for (std::size_t i = first; i < last; ++i) {
            rows.push_back(textRow(texts[i]));
        }
        const at::Tensor cosines = (seen * at::cat(rows)).sum(1).to(at::kDouble);
        const double* values = cosines.const_data_ptr<double>();
        result.insert(result.end(), values, values + cosines.numel());
    }
    return result;
}

/// Unit-length row [1,P]. Computed alone, so that the value does not depend on which texts came before: a resumed run
/// gets the same bits.
at::Tensor ClipScorer::textRow(const std::string& text) const {
    at::Tensor row = m_texts.find(text);
    if (!row.defined()) {
        row = m_model.embedTexts({text});
        m_texts.keep(text, row);
    }
    return row;
}

}  // namespace rlcm::rewards
