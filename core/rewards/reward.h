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

#include "core/base/log.h"
#include "core/image/rgb8_image.h"
#include "core/run/run_config.h"

namespace at {
class Tensor;
}

namespace rlcm::rewards {

/// Scores of a batch: `total` is what the trainer maximises; `terms` are the unweighted parts of a sum.
struct Scores {
    std::vector<double> total;                                       ///< [B], finite
    std::vector<std::pair<std::string, std::vector<double>>> terms;  ///< one entry per term by its id, each [B]
};

/// What a run asks of a reward that waits for a program or a server: go on, wait without counting the time (the run is
/// paused), or give up at once.
enum class Demand { Go, Hold, Stop };

/// Takes a line for the run's log; May be called from any thread.
using NoticeSink = std::function<void(log::Level level, const std::string& text)>;

/// True once the run wants no more. Asked from any thread, many times a second.
using StopQuery = std::function<bool()>;

class Reward {
public:
    virtual ~Reward() = default;
    virtual std::string_view name() const = 0;
    /// Only rewards that wait have to listen. After Stop every score(), also one under way, throws within about a second.
    /// thread: any.
    virtual void demand(Demand) {}
    /// Whether the scores of a prompt's images are made by comparing them: score() then wants all of them at once.
    virtual bool isGroupWise() const { return false; }
    /// One finite number per image, same order. thread: any number at a time.
    virtual std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const = 0;
    /// Whether scorePictures() works: as the catalogue says (run::RewardKind).
    virtual bool isDifferentiable() const { return false; }
    /// [B] f32, differentiable in pictures [B,3,H,W] f32 of 0..1: what score() gives but for the rounding to bytes. Computes on the pictures' device, with the
    /// calling thread's torch threads. throws: std::logic_error unless isDifferentiable(). thread: any number at a time.
    virtual at::Tensor scorePictures(const at::Tensor& pictures, const std::vector<std::string>& prompts) const;
};

/// kB = bytes / 1000 of the JPEG at quality 95, 4:2:0, as Pillow; float32 rounding is not applied. Compressibility is the negative.
std::unique_ptr<Reward> makeCompressibility();
std::unique_ptr<Reward> makeIncompressibility();
/// Hasler and Suesstrunk 2003: sqrt(s_rg^2 + s_yb^2) + 0.3 * sqrt(m_rg^2 + m_yb^2) on 0..255 values, divided by 100.
std::unique_ptr<Reward> makeColourfulness();
/// Share of the picture that its subject takes, and where its centre stands: 0 left, 1 right; 0 top, 1 bottom (image::subjectOf). A negative weight asks for the
/// opposite.
std::unique_ptr<Reward> makeSubjectSize();
std::unique_ptr<Reward> makeSubjectX();
std::unique_ptr<Reward> makeSubjectY();

/// Where the networks of a reward compute.
struct Place {
    std::string device = "cpu";  ///< as compute.device
    int threads = 1;             ///< torch threads of one call on the CPU; beside a trainer, which has the cores, one
};
// Rewards over a CLIPModel folder (config.json, model.safetensors, tokenizer, preprocessor_config.json), f32. Text
// embeddings are kept for the newest prompts. All throw: Io, Format or Config naming file and reason.
/// Cosine of CLIP image and text embeddings.
std::unique_ptr<Reward> makeAlignment(const std::string& modelFolder, const Place& place = {});
/// 2.5 * max(cosine, 0) with "A photo depicts " before the prompt. source: Hessel et al. 2021, "CLIPScore".
std::unique_ptr<Reward> makeClipScore(const std::string& modelFolder, const Place& place = {});
/// exp(logit_scale) * cosine. source: Kirstain et al. 2023, "Pick-a-Pic"; about 18 to 24 for its model.
std::unique_ptr<Reward> makePickScore(const std::string& modelFolder, const Place& place = {});
/// Cosine. source: Wu et al. 2023, "Human Preference Score v2"; its tables show 100 times this.
/// Unlike the others it sees whole images, on a black square (models::ClipFit::Whole).
std::unique_ptr<Reward> makeHpsV2(const std::string& modelFolder, const Place& place = {});
/// Cosine with the description `toward` less that with `away`, about -0.2 to 0.2; "{}" in them stands for the prompt.
std::unique_ptr<Reward> makeContrast(const std::string& modelFolder, const std::string& toward, const std::string& away, const Place& place = {});
/// Score of a head (models::ScoreHead) on the unit-length image embedding. source: LAION's improved aesthetic predictor.
std::unique_ptr<Reward> makeAesthetic(const std::string& modelFolder, const std::string& headFile, const Place& place = {});
/// Asks the server at config.serverUrl (reward protocol v1, resources/reward_servers/README.md). Bearer token from
/// $RLCM_REWARD_TOKEN. `isStopped` (may be empty) ends the first contact, which this call waits for.
/// throws: Config for a bad address, Reward when no reward server answers there now.
std::unique_ptr<Reward> makeServerReward(const run::RewardConfig& config, NoticeSink notice, const StopQuery& isStopped = {});
/// Asks a program of the user's over its standard input and output (JSON lines, the same page).
/// throws: Config for a bad command line, Reward when it cannot be started.
std::unique_ptr<Reward> makeProgramReward(const run::RewardConfig& config, NoticeSink notice);

/// A line that a reward wants in the run's log.
struct Notice {
    log::Level level = log::Level::Info;
    std::string text;
};

/// The weighted sum that a config asks for, on `workers` threads of its own.
class RewardPool {
public:
    /// `isStopped` (may be empty) ends what this call waits for: the first answer of a server.
    /// throws: Config for unknown terms, Io or Format when a model cannot be loaded, Reward when a server or program is not there.
    explicit RewardPool(const run::RewardConfig& config, const Place& place = {}, const StopQuery& isStopped = {});
    /// For tests: given rewards and weights.
    RewardPool(std::vector<std::pair<double, std::unique_ptr<Reward>>> terms, int workers);
    /// Rewards that wait are told to stop; batches without a score get an Error{Reward}.
    ~RewardPool();
    /// Queues a batch; the future throws Error{Reward} naming reward, image and prompt when a score is not finite or a reward fails.
    std::future<Scores> submit(std::vector<image::Rgb8Image> images, std::vector<std::string> prompts);
    /// [B] f32 the weighted sum of the terms that are differentiable, in pictures as Reward::scorePictures. throws: std::logic_error when none is. thread: any.
    at::Tensor scorePictures(const at::Tensor& pictures, const std::vector<std::string>& prompts) const;
    /// Whether a term is (Reward::isGroupWise): then whole rounds and evaluations are submitted at once.
    bool isGroupWise() const;
    /// The weight of each term in that sum, in the order of the terms: 0 where a term is not differentiable.
    std::vector<double> differentiableWeights() const;
    /// Passed on to every reward. thread: any.
    void demand(Demand demand);
    /// What rewards had to say since the last call, oldest first. thread: any.
    std::vector<Notice> takeNotices();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::rewards
