#include "core/rewards/score_cache.h"

#include <cstring>

#include "core/base/error.h"

namespace rlcm::rewards {
namespace {

std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 32)) * 0xD6E8FEB86659FD93U;
    value = (value ^ (value >> 29)) * 0x9FB21C651E98DF25U;
    return value ^ (value >> 32);
}

/// Two independent 64-bit lanes over 8-byte words: at a million images a chance collision is a matter of
/// 1e-27.
void absorb(std::array<std::uint64_t, 2>& state, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    while (size > 0) {
        std::uint64_t word = 0;
        const std::size_t take = size < sizeof(word) ? size : sizeof(word);
        std::memcpy(&word, bytes, take);
        state[0] = mixed(state[0] ^ word) + 0x9E3779B97F4A7C15U;
        state[1] = mixed(state[1] + word) ^ 0xC2B2AE3D27D4EB4FU;
        bytes += take;
        size -= take;
    }
}

}  // namespace

ScoreCache::Key ScoreCache::keyOf(const image::Rgb8Image& image, std::string_view prompt) {
    Key key{0x243F6A8885A308D3U, 0x13198A2E03707344U};
    const std::array<std::uint64_t, 3> head{static_cast<std::uint64_t>(image.width), static_cast<std::uint64_t>(image.height), prompt.size()};
    absorb(key, head.data(), sizeof(head));
    absorb(key, image.pixels.data(), image.pixels.size());
    absorb(key, prompt.data(), prompt.size());
    return key;
}

std::vector<double> ScoreCache::scores(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts, const Ask& ask) {
    std::vector<Key> keys;
    for (std::size_t row = 0; row < images.size(); ++row) {
        keys.push_back(keyOf(images[row], prompts[row]));
    }
    std::vector<double> result(images.size());
    std::vector<std::size_t> missing;
    std::map<Key, std::size_t> asked;  // place in `missing`
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t row = 0; row < images.size(); ++row) {
            if (const auto found = m_scores.find(keys[row]); found != m_scores.end()) {
                result[row] = found->second;
            } else if (asked.emplace(keys[row], missing.size()).second) {
                missing.push_back(row);
            }
        }
    }
    if (missing.empty()) {
        return result;
    }
    const std::vector<double> fresh = ask(missing);
    ensure(fresh.size() == missing.size(), "one score per missing row");
    for (std::size_t row = 0; row < images.size(); ++row) {
        if (const auto found = asked.find(keys[row]); found != asked.end()) {
            result[row] = fresh[found->second];
        }
    }
    const std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < missing.size(); ++i) {
        keep(keys[missing[i]], fresh[i]);
    }
    return result;
}

void ScoreCache::keep(const Key& key, double score) {
    if (!m_scores.insert_or_assign(key, score).second) {
        return;
    }
    m_order.push_back(key);
    if (m_order.size() > m_limit) {
        m_scores.erase(m_order.front());
        m_order.pop_front();
    }
}

}  // namespace rlcm::rewards
