#pragma once
// Rewards: images and prompts in, one number each out.
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/image/rgb8_image.h"
#include "core/run/field_table.h"
#include "core/run/run_config.h"

namespace rlcm::rewards {

/// Scores of a batch: `total` is what the trainer maximises; `terms` are the unweighted parts of a sum.
struct Scores {
    std::vector<double> total;                                        ///< [B], finite
    std::vector<std::pair<std::string, std::vector<double>>> terms;   ///< one entry per term, each [B]
};

class Reward {
public:
    virtual ~Reward() = default;
    virtual std::string_view name() const = 0;
    /// One finite number per image, same order. thread: any number at a time.
    virtual std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const = 0;
};

/// kB = bytes / 1000 of the JPEG at quality 95, 4:2:0, as Pillow; float32 rounding is not applied. Compressibility is the negative.
std::unique_ptr<Reward> makeCompressibility();
std::unique_ptr<Reward> makeIncompressibility();
/// Hasler and Suesstrunk 2003: sqrt(s_rg^2 + s_yb^2) + 0.3 * sqrt(m_rg^2 + m_yb^2) on 0..255 values, divided by 100.
std::unique_ptr<Reward> makeColourfulness();
/// Cosine of CLIP image and text embeddings. Text embeddings are cached. `modelFolder`: any CLIPModel folder.
std::unique_ptr<Reward> makeAlignment(const std::string& modelFolder);

/// The weighted sum that a config asks for, on `workers` threads of its own.
class RewardPool {
public:
    /// throws: Config for unknown terms, Io or Format when a model cannot be loaded.
    explicit RewardPool(const run::RewardConfig& config);
    /// For tests: given rewards and weights.
    RewardPool(std::vector<std::pair<double, std::unique_ptr<Reward>>> terms, int workers);
    ~RewardPool();
    /// Queues a batch; the future throws Error{Reward} naming reward, image and prompt when a score is not finite or a reward fails.
    std::future<Scores> submit(std::vector<image::Rgb8Image> images, std::vector<std::string> prompts);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::rewards
