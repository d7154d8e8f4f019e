#include "tests/support/fake_run.h"

#include <cmath>
#include <limits>
#include <thread>

#include "core/base/files.h"
#include "core/base/random.h"
#include "core/image/codec.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"

namespace rlcm::test {
namespace {

using run::RunState;

/// A square whose hue tells the prompt and whose brightness tells the epoch.
std::shared_ptr<const std::string> fakePng(int size, std::int64_t index, std::int64_t epoch) {
    image::Rgb8Image picture{size, size, {}};
    const int base = static_cast<int>((index * 53) % 200);
    const int light = static_cast<int>(std::min<std::int64_t>(epoch * 3, 120));
    for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
            for (const int value : {base + x * 40 / size, 200 - base, light + y * 40 / size}) {
                picture.pixels.push_back(static_cast<std::uint8_t>(value));
            }
        }
    }
    return std::make_shared<const std::string>(image::encodePng(picture));
}

class FakeRun : public run::Run {
public:
    FakeRun(run::RunRequest request, run::RunObserver& observer, FakeScript script)
        : m_request(std::move(request)),
          m_observer(observer),
          m_script(script),
          m_derived(run::derive(m_request.config)),
          m_counters(m_request.resumedCounters) {}

    RunState execute(std::stop_token stop, run::RunCommands& commands) noexcept override {
        const run::RunConfig& config = m_request.config;
        emit(run::RunStarted{m_request.id, R"({"device":"fake"})", m_counters.epoch, {}});
        enter(RunState::Preparing);
        if (m_counters.epoch == 0) {
            evaluate(false);
        }
        while (m_counters.epoch < config.training.epochs) {
            if (m_counters.epoch == m_script.failAtEpoch) {
                return finish(RunState::Failed, "the scripted failure");
            }
            if (commands.takeSampleNow()) {
                evaluate(true);
            }
            obeyEdits(commands);
            if (!runEpoch(stop, commands)) {
                const auto failure = commands.failure();
                return finish(failure ? RunState::Failed : RunState::Stopped, failure.value_or(""));
            }
            const bool isStopping = commands.isStopAfterEpoch();
            if (isStopping || commands.takeCheckpointNow() || m_counters.epoch % config.checkpoint.every == 0 || m_counters.epoch == config.training.epochs) {
                saveCheckpoint();
            }
            if (isStopping) {
                return finish(RunState::Stopped, "");
            }
        }
        return finish(RunState::Finished, "");
    }

private:
    void emit(run::RunEvent event) { m_observer.onEvent(event); }
    void enter(RunState state) { emit(run::StateChanged{m_request.id, state}); }
    RunState finish(RunState state, const std::string& error) {
        emit(run::RunFinished{m_request.id, state, error, m_counters});
        return state;
    }

    void obeyEdits(run::RunCommands& commands) {
        for (const run::LiveEdit& edit : commands.takeEdits()) {
            const std::string was = run::fieldText(m_request.config, run::fieldAt(edit.path));
            m_request.config = run::withLiveEdit(m_request.config, edit, m_counters.epoch);
            if (const std::string is = run::fieldText(m_request.config, run::fieldAt(edit.path)); is != was) {
                emit(run::SettingEdited{m_request.id, m_counters.epoch, edit.path, was, is});
            }
        }
    }
    /// False when the run was stopped within the epoch.
    bool runEpoch(const std::stop_token& stop, run::RunCommands& commands) {
        const auto isStopped = [&] { return stop.stop_requested() || commands.isStopNow(); };
        for (const RunState phase : {RunState::Sampling, RunState::Rewarding, RunState::Updating}) {
            enter(phase);
            const auto end = std::chrono::steady_clock::now() + m_script.epochTime / 3;
            do {
                if (commands.isPaused()) {
                    enter(RunState::Paused);
                    while (commands.isPaused() && !isStopped()) {
                        commands.waitWhilePaused(stop, std::chrono::milliseconds(50));
                    }
                    enter(phase);
                }
                if (isStopped()) {
                    return false;
                }
                std::this_thread::sleep_for(std::min(m_script.epochTime, std::chrono::milliseconds(5)));
            } while (std::chrono::steady_clock::now() < end);
            progress(phase);
        }
        reportEpoch();
        return true;
    }
    void progress(RunState phase) {
        run::Progress p;
        p.id = m_request.id;
        p.phase = phase;
        p.epoch = m_counters.epoch;
        p.epochs = m_request.config.training.epochs;
        p.fractionOfEpoch = phase == RunState::Sampling ? 0.4 : phase == RunState::Rewarding ? 0.5 : 1.0;
        p.secondsLeft = static_cast<double>(p.epochs - p.epoch) * 1.5;
        p.stopLatencySeconds = 0.005;
        p.imagesPerSecond = 21;
        emit(p);
    }
    void reportEpoch() {
        const std::int64_t epoch = m_counters.epoch++;
        const std::int64_t planned = m_request.config.training.epochs;
        m_counters.images += m_derived.imagesPerEpoch;
        m_counters.rewardQueries += m_derived.imagesPerEpoch;
        m_counters.denoiserEvaluations += m_derived.nominalDenoiserEvaluationsTotal / planned;
        m_counters.nominalDenoiserEvaluations = m_counters.denoiserEvaluations;
        m_counters.optimizerSteps += m_derived.updatesPerEpoch;
        m_counters.activeSeconds += 1.5;
        m_counters.wallSeconds += 1.75;
        if (run::isEvaluationDue(m_request.config, m_counters.epoch)) {
            evaluate(false);  // told before the epoch that it belongs to
        }
        const double reward = fakeReward(m_request.config, m_counters.epoch);
        const double loss = m_script.hasNanLoss && epoch % 2 == 1 ? std::numeric_limits<double>::quiet_NaN() : -1e-4 * reward;
        run::EpochDone done{m_request.id, epoch, m_counters, {0.6, 0.1, 0.1, 0.6, 0.1, 1.5, 0.25}, {}, {}};
        done.scalars = {{"reward_mean", reward},
                        {"reward_std", 0.3},
                        {"reward_p10", reward - 0.4},
                        {"reward_p50", reward},
                        {"reward_p90", reward + 0.4},
                        {"loss", loss},
                        {"approx_kl", 1e-6 * static_cast<double>(epoch)},
                        {"clip_fraction", 0.0},
                        {"grad_norm", 0.006},
                        {"ratio_max_deviation", 1e-7},
                        {"learning_rate", m_request.config.training.learningRate},
                        {"images_per_second", 21.0}};
        emit(done);
    }
    void evaluate(bool isExtra) {
        const run::EvaluationConfig& evaluation = m_request.config.evaluation;
        const double reward = fakeReward(m_request.config, m_counters.epoch);
        run::EvaluationDone done{m_request.id, m_counters.epoch, m_counters, isExtra, 0.3, {}, {}};
        done.scalars = {{"eval_reward_mean", reward + 0.05},
                        {"eval_reward_std", 0.2},
                        {"eval_images", static_cast<double>(m_derived.evaluationImages)},
                        {"eval_train_reward_mean", reward + 0.06},
                        {"eval_held_out_reward_mean", reward + 0.02},
                        {"eval_judge_accuracy", 0.9 - 0.002 * static_cast<double>(m_counters.epoch)},
                        {"eval_judge_cosine", 0.7},
                        {"eval_diversity", 0.5}};
        for (std::int64_t i = 0; i < m_derived.evaluationImages; ++i) {
            run::EvaluationImage picture;
            picture.index = i;
            picture.isHeldOut = i >= evaluation.trainPrompts * evaluation.seedsPerPrompt;
            picture.prompt = (picture.isHeldOut ? "a held-out thing " : "an animal ") + std::to_string(i / evaluation.seedsPerPrompt);
            picture.noiseSeed = 0x8000000000000000ULL + static_cast<std::uint64_t>(i);
            picture.reward = reward + 0.01 * static_cast<double>(i);
            picture.width = picture.height = m_script.imageSize;
            picture.png = fakePng(m_script.imageSize, i, m_counters.epoch);
            done.images.push_back(std::move(picture));
        }
        emit(done);
    }
    void saveCheckpoint() {
        const auto folder = m_request.folder / run::checkpointName(m_counters.epoch);
        std::filesystem::create_directories(folder);
        writeFileAtomically(folder / "state.json", "{}");
        emit(run::CheckpointSaved{m_request.id, m_counters.epoch, run::storedCheckpoint(m_request.folder, m_counters.epoch), 2});
    }

    run::RunRequest m_request;
    run::RunObserver& m_observer;
    FakeScript m_script;
    run::Derived m_derived;
    run::Counters m_counters;
};

}  // namespace

std::unique_ptr<run::Run> makeFakeRun(const run::RunRequest& request, run::RunObserver& observer, const FakeScript& script) {
    return std::make_unique<FakeRun>(request, observer, script);
}

run::RunFactory fakeRunFactory(const FakeScript& script) {
    return [script](const run::RunRequest& request, run::RunObserver& observer) { return makeFakeRun(request, observer, script); };
}

double fakeReward(const run::RunConfig& config, std::int64_t epochs) {
    const double gain = config.algorithm.method == run::Method::Ddpo ? 0.4 : 1.2;
    const double start = -2.5 + 0.02 * static_cast<double>(config.sampling.steps);
    Random random = RandomStreams(static_cast<std::uint64_t>(config.seed)).at(Stream::Reward, static_cast<std::uint64_t>(epochs), 0);
    return start + gain * (1.0 - std::exp(-static_cast<double>(epochs) / 20.0)) + 0.05 * (random.uniform() - 0.5);
}

}  // namespace rlcm::test
