#include "app/cli/bench_store.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/base/random.h"
#include "core/image/codec.h"
#include "core/run/measures.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kEpochsWithImages = 30, kEpochs = 1000;

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "rlcm-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw Error(ErrorKind::Io, "cannot make a temporary folder in " + fs::temp_directory_path().string());
        }
        m_path = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

template <typename Action>
double millisecondsOf(Action&& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

run::EvaluationDone makeEvaluation(const run::RunId& id, std::int64_t epoch) {
    Random random(static_cast<std::uint64_t>(epoch));
    run::EvaluationDone event;
    event.id = id;
    event.epoch = event.counters.epoch = epoch;
    event.scalars = {{std::string(run::measure::kEvalRewardMean), 1.0}};
    for (std::int64_t index = 0; index < 16; ++index) {
        image::Rgb8Image picture{64, 64, std::vector<std::uint8_t>(64 * 64 * 3)};
        for (std::uint8_t& value : picture.pixels) {
            value = static_cast<std::uint8_t>(random.next() >> 58);
        }
        event.images.push_back(
            {.index = index, .prompt = "a cat", .width = 64, .height = 64, .png = std::make_shared<const std::string>(image::encodePng(picture))});
    }
    return event;
}

run::EpochDone makeEpoch(const run::RunId& id, std::int64_t epoch) {
    run::EpochDone event;
    event.id = id;
    event.epoch = epoch - 1;
    event.counters.epoch = epoch;
    event.counters.images = epoch * 32;
    for (const run::Measure& measure : run::measures()) {
        if (measure.at == run::MeasuredAt::Epoch) {
            event.scalars.emplace_back(measure.name, 0.1 * static_cast<double>(epoch));
        }
    }
    return event;
}

}  // namespace

Json timeStore() {
    const TemporaryFolder folder;
    const fs::path workspace = folder.path() / "workspace";
    store::StoreEditor editor(workspace);
    const run::RunId id = editor.createRun({});
    editor.claim(id);
    run::RunCommands commands;
    std::vector<double> withImages, plain;
    {
        store::StoreWriter writer(workspace, id, commands);
        writer.onEvent(run::RunStarted{.id = id, .environmentJson = "{}", .firstEpoch = 0, .configJson = {}});
        for (std::int64_t epoch = 1; epoch <= kEpochs; ++epoch) {
            const bool hasImages = epoch <= kEpochsWithImages;
            const run::EvaluationDone evaluation = hasImages ? makeEvaluation(id, epoch) : run::EvaluationDone{};
            const run::EpochDone done = makeEpoch(id, epoch);
            (hasImages ? withImages : plain).push_back(millisecondsOf([&] {
                if (hasImages) {
                    writer.onEvent(evaluation);
                }
                writer.onEvent(done);
            }));
        }
        run::RunFinished finished;
        finished.id = id;
        writer.onEvent(finished);
        if (const auto problem = writer.error()) {
            throw Error(ErrorKind::Store, *problem);
        }
    }
    const store::StoreReader reader(workspace);
    std::vector<double> reading, listing;
    for (int repeat = 0; repeat < 7; ++repeat) {
        std::size_t points = 0;
        reading.push_back(millisecondsOf([&] {
            for (const std::string& name : reader.scalarNames(id)) {
                points += reader.scalars(id, name).size();
            }
        }));
        ensure(points >= std::size_t{kEpochs} * 10, "the store gives back what it was told");
        listing.push_back(millisecondsOf([&] { reader.runs(); }));
    }
    return {{"epoch_with_16_images_ms", median(withImages)},
            {"epoch_without_images_ms", median(plain)},
            {"read_10000_points_ms", median(reading)},
            {"list_runs_ms", median(listing)}};
}

}  // namespace rlcm::cli
