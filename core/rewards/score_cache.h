#pragma once
// Scores that a remote reward gave already, by image and prompt.
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/image/rgb8_image.h"

namespace rlcm::rewards {

/// Keeps the newest scores, so that asking twice for the same image and prompt costs one query. thread: any.
class ScoreCache {
public:
    /// Gives the scores of the rows (indices into images and prompts) that are not known yet, each pair once.
    using Ask = std::function<std::vector<double>(const std::vector<std::size_t>& rows)>;

    explicit ScoreCache(std::size_t limit = std::size_t{1} << 16) : m_limit(limit) {}
    /// One score per image, from memory or from `ask`, which is called at most once and not under the lock.
    /// throws: what `ask` throws; nothing is kept then.
    std::vector<double> scores(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts, const Ask& ask);

private:
    using Key = std::array<std::uint64_t, 2>;
    static Key keyOf(const image::Rgb8Image& image, std::string_view prompt);
    void keep(const Key& key, double score);

    std::size_t m_limit;
    std::mutex m_mutex;
    std::map<Key, double> m_scores;  // guarded by m_mutex
    std::deque<Key> m_order;         // guarded by m_mutex; oldest first
};

}  // namespace rlcm::rewards
