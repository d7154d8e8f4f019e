#include "ui/compare/compare_loader.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/run/measures.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/viewed_image.h"

namespace rlcm::ui {
namespace {

std::vector<RunImages> readImages(const store::StoreReader& reader, const std::vector<std::pair<std::string, std::int64_t>>& places) {
    std::vector<RunImages> all;
    for (const auto& [id, epoch] : places) {
        if (epoch < 0) {
            all.push_back({id, epoch, {}});
            continue;
        }
        all.push_back({id, epoch, reader.samples(id, epoch)});
        const std::vector<store::ScalarRow> judged = reader.scalars(id, run::measure::kEvalJudgeAccuracy, epoch);
        if (!judged.empty() && judged.front().counters.epoch == epoch) {
            all.back().judge = judged.front().value;
        }
    }
    return all;
}

/// What is remembered of a run to ask only for what is new.
struct KnownRun {
    store::RunRow run;
    std::string groupKey, rewardKey;
    QString judgeModel;
    std::vector<std::string> names;
    std::optional<store::ScalarRow> lastPoint, lastEvaluation;
    std::int64_t lastImages = -1;
};

struct Happened {
    std::vector<std::int64_t> checkpoints;
    std::vector<store::EventRow> events;
};
/// What is new of a run.
struct RunUpdate {
    store::RunRow run;
    std::string groupKey, rewardKey;
    QString judgeModel = {};
    store::CurveTail points, evaluations;
    bool areImagesWhole = true;
    std::vector<std::int64_t> sampleEpochs;
    std::optional<Happened> happened = {};  ///< nothing: as before
};

template <typename Row>
void extend(std::vector<Row>& rows, bool isWhole, std::vector<Row>& tail) {
    if (isWhole) {
        rows = std::move(tail);
    } else {
        rows.insert(rows.end(), tail.begin(), tail.end());
    }
}

std::vector<std::int64_t> checkpointsOf(const store::StoreReader& reader, const run::RunId& id) {
    std::vector<std::int64_t> epochs;
    for (const store::CheckpointRow& row : reader.checkpoints(id)) {
        epochs.push_back(row.epoch);
    }
    std::ranges::sort(epochs);
    return epochs;
}

RunUpdate readRun(const store::StoreReader& reader, const std::string& scalar, const store::RunRow& run, KnownRun& known) {
    RunUpdate update{.run = run, .groupKey = {}, .rewardKey = {}, .points = {}, .evaluations = {}, .sampleEpochs = {}};
    if (known.run.id.empty() || known.run.configJson != run.configJson) {
        known.groupKey = figure::groupKey(run);
        known.rewardKey = figure::rewardKey(run);
        known.judgeModel = judgeModelOf(run);
    }
    update.groupKey = known.groupKey;
    update.rewardKey = known.rewardKey;
    update.judgeModel = known.judgeModel;
    if (known.run == run && !run::isLive(run.state)) {  // nothing happens to it
        update.points.isWhole = update.evaluations.isWhole = update.areImagesWhole = false;
        return update;
    }
    known.names = reader.scalarNames(run.id);
    update.points = reader.scalarsAfter(run.id, scalar, known.lastPoint);
    update.evaluations = reader.scalarsAfter(run.id, run::measure::kEvalRewardMean, known.lastEvaluation);
    update.sampleEpochs = reader.sampleEpochs(run.id, std::max<std::int64_t>(0, known.lastImages));
    update.areImagesWhole =
        known.lastImages < 0 || update.evaluations.isWhole || update.sampleEpochs.empty() || update.sampleEpochs.front() != known.lastImages;
    if (!update.areImagesWhole) {
        update.sampleEpochs.erase(update.sampleEpochs.begin());
    } else if (known.lastImages >= 0) {
        update.sampleEpochs = reader.sampleEpochs(run.id);
    }
    update.happened = {checkpointsOf(reader, run.id), reader.events(run.id)};
    known.run = run;
    const auto remember = [](auto& last, const auto& tail) {
        if (!tail.rows.empty()) {
            last = tail.rows.back();
        } else if (tail.isWhole) {
            last.reset();
        }
    };
    remember(known.lastPoint, update.points);
    remember(known.lastEvaluation, update.evaluations);
    if (!update.sampleEpochs.empty() || update.areImagesWhole) {
        known.lastImages = update.sampleEpochs.empty() ? -1 : update.sampleEpochs.back();
    }
    return update;
}

}  // namespace

struct CompareLoader::Known {
    std::string scalar;
    std::map<std::string, KnownRun> runs;
};
struct CompareLoader::Update {
    std::string scalar;
    std::vector<RunUpdate> runs;
    std::vector<std::string> scalarNames;
    int hiddenRuns = 0;
};

CompareLoader::CompareLoader(StoreService& store) : m_store(store), m_known(std::make_shared<Known>()) {}

CompareLoader::~CompareLoader() {
    m_life.renew();
}

void CompareLoader::loadCurves(const std::string& scalar) {
    m_curves = scalar;
    if (!m_isReadingCurves) {
        askForCurves();
    }
}

void CompareLoader::loadImages(std::vector<std::pair<std::string, std::int64_t>> places) {
    m_images = std::move(places);
    if (!m_isReadingImages) {
        askForImages();
    }
}

void CompareLoader::askForCurves() {
    m_isReadingCurves = true;
    m_store.readAside(
        this, m_life.token(),
        [scalar = *std::exchange(m_curves, {}), known = m_known](const store::StoreReader& reader) { return readCurves(reader, scalar, *known); },
        [this](const std::shared_ptr<Update>& update) {
            m_isReadingCurves = false;
            if (m_curves) {
                askForCurves();
            }
            take(*update);
        },
        [this](const QString& message) {
            m_isReadingCurves = false;
            *m_known = {};  // what was read was not handed over
            if (m_curves) {
                askForCurves();
            }
            Q_EMIT failed(message);
        });
}

void CompareLoader::askForImages() {
    m_isReadingImages = true;
    m_store.readAside(
        this, m_life.token(), [places = *std::exchange(m_images, {})](const store::StoreReader& reader) { return readImages(reader, places); },
        [this](const std::vector<RunImages>& images) {
            m_isReadingImages = false;
            if (m_images) {
                askForImages();
            }
            Q_EMIT imagesLoaded(images);
        },
        [this](const QString& message) {
            m_isReadingImages = false;
            if (m_images) {
                askForImages();
            }
            Q_EMIT failed(message);
        });
}

/// On a thread of the store's.
std::shared_ptr<CompareLoader::Update> CompareLoader::readCurves(const store::StoreReader& reader, const std::string& scalar, Known& known) {
    if (known.scalar != scalar) {
        known = {scalar, {}};
    }
    auto update = std::make_shared<Update>();
    update->scalar = scalar;
    std::set<std::string> names;
    std::vector<store::RunRow> runs = reader.runs();
    std::map<std::string, KnownRun> seen;  // runs that are hidden now are forgotten
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        if (!run->isVisible) {
            ++update->hiddenRuns;
            continue;
        }
        KnownRun& entry = seen[run->id] = std::move(known.runs[run->id]);
        update->runs.push_back(readRun(reader, scalar, *run, entry));
        names.insert(entry.names.begin(), entry.names.end());
    }
    known.runs = std::move(seen);
    update->scalarNames.assign(names.begin(), names.end());
    return update;
}

/// In the order in which they were read.
void CompareLoader::take(Update& update) {
    if (m_data.scalar != update.scalar) {
        m_data = {};
    }
    std::map<std::string, RunCurve> before;
    for (RunCurve& run : m_data.runs) {
        before.emplace(run.run.id, std::move(run));
    }
    m_data = {.scalar = std::move(update.scalar), .runs = {}, .scalarNames = std::move(update.scalarNames), .hiddenRuns = update.hiddenRuns};
    for (RunUpdate& fresh : update.runs) {
        RunCurve run = std::move(before[fresh.run.id]);
        run.run = std::move(fresh.run);
        run.groupKey = std::move(fresh.groupKey);
        run.rewardKey = std::move(fresh.rewardKey);
        run.judgeModel = std::move(fresh.judgeModel);
        extend(run.points, fresh.points.isWhole, fresh.points.rows);
        extend(run.evaluations, fresh.evaluations.isWhole, fresh.evaluations.rows);
        extend(run.sampleEpochs, fresh.areImagesWhole, fresh.sampleEpochs);
        if (fresh.happened) {
            run.checkpoints = std::move(fresh.happened->checkpoints);
            run.events = std::move(fresh.happened->events);
        }
        m_data.runs.push_back(std::move(run));
    }
    Q_EMIT curvesLoaded();
}

}  // namespace rlcm::ui
