#pragma once
// What the rewards over CLIP networks share: threads, kept text embeddings. Private to core/rewards.
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/models/clip.h"
#include "core/rewards/reward.h"

namespace rlcm::rewards {

/// Puts a place's torch threads on the calling thread while alive. On a GPU the threads stay as they are.
class TorchThreads {
public:
    explicit TorchThreads(const Place& place);
    ~TorchThreads();
    TorchThreads(const TorchThreads&) = delete;
    TorchThreads& operator=(const TorchThreads&) = delete;

private:
    int m_before;
};

/// The newest text embeddings by text. thread: any.
class TextCache {
public:
    explicit TextCache(std::size_t limit) : m_limit(limit) {}
    /// The kept row, or an undefined tensor.
    at::Tensor find(const std::string& text);
    void keep(const std::string& text, const at::Tensor& row);
    std::size_t size() const;

private:
    using Entry = std::pair<std::string, at::Tensor>;
    std::size_t m_limit;
    mutable std::mutex m_mutex;
    std::list<Entry> m_order;                                  // guarded by m_mutex; newest first
    std::map<std::string, std::list<Entry>::iterator> m_rows;  // guarded by m_mutex
};

/// Both towers of a CLIPModel. thread: any number at a time.
class ClipScorer {
public:
    /// throws: Io, Format, Device.
    ClipScorer(const std::string& modelFolder, const Place& place, models::ClipFit fit = models::ClipFit::Crop);
    /// What images are compared with, one for each.
    struct Texts {
        std::vector<std::string> toward;
        std::vector<std::string> away = {};  ///< their cosine is taken off; none: nothing is
    };
    /// Cosine of image i and text i, [B].
    std::vector<double> cosines(const std::vector<image::Rgb8Image>& images, const Texts& texts) const;
    /// The same as one differentiable function of pictures [B,3,H,W] f32 of 0..1: [B] f32 on their device. On the calling thread's torch threads.
    at::Tensor cosinesOfPictures(const at::Tensor& pictures, const Texts& texts) const;
    double logitScale() const { return m_model.logitScale(); }

private:
    at::Tensor directions(const Texts& texts) const;
    at::Tensor textRows(const std::vector<std::string>& texts) const;
    at::Tensor textRow(const std::string& text) const;

    Place m_place;
    models::ClipModel m_model;
    mutable TextCache m_texts;
};

}  // namespace rlcm::rewards
