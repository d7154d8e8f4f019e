#include "core/rewards/clip_scorer.h"

#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

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

ClipScorer::ClipScorer(const std::string& modelFolder, const Place& place, models::ClipFit fit)
    : m_place(place), m_model(models::ClipModel::load(modelFolder, tensor::parseDevice(place.device), fit)), m_texts(kKeptTexts) {
    // Settles the number of torch threads of the constructing thread (the trainer's) before scoring threads
    // set theirs: a thread that has not used torch yet would otherwise start from the last number set
    // anywhere.
    at::get_num_threads();
}

std::vector<double> ClipScorer::cosines(const std::vector<image::Rgb8Image>& images, const Texts& texts) const {
    const tensor::GradMode noGrad(false);
    const TorchThreads threads(m_place);
    if (images.empty()) {
        return {};
    }
    const at::Tensor rows = directions(texts);
    const at::Tensor cosines = (m_model.embedImages(images) * rows).sum(1).to(at::kDouble);
    return {cosines.const_data_ptr<double>(), cosines.const_data_ptr<double>() + cosines.numel()};
}

at::Tensor ClipScorer::cosinesOfPictures(const at::Tensor& pictures, const Texts& texts) const {
    return (m_model.embedPictures(pictures) * directions(texts).to(pictures.device())).sum(1);
}

at::Tensor ClipScorer::directions(const Texts& texts) const {
    const at::Tensor toward = textRows(texts.toward);
    return texts.away.empty() ? toward : toward - textRows(texts.away);
}

at::Tensor ClipScorer::textRows(const std::vector<std::string>& texts) const {
    std::vector<at::Tensor> rows;
    for (const std::string& text : texts) {
        rows.push_back(textRow(text));
    }
    return at::cat(rows);
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
