#include "ui/compare/compare_loader.h"

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <set>

namespace rlcm::ui {
namespace {

std::vector<RunImages> readImages(const std::filesystem::path& workspace,
                                  const std::vector<std::pair<std::string, std::int64_t>>& places) {
    const store::StoreReader reader(workspace);
    std::vector<RunImages> all;
    for (const auto& [id, epoch] : places) {
        all.push_back({id, epoch, epoch < 0 ? std::vector<store::SampleRow>() : reader.samples(id, epoch)});
    }
    return all;
}

/// What the worker remembers of a run to ask only for what is new.
struct KnownRun {
    store::RunRow run;
    std::string groupKey, rewardKey;
    std::vector<std::string> names;
    std::optional<store::ScalarRow> lastPoint, lastEvaluation;
    std::int64_t lastImages = -1;
};

/// What is new of a run.
struct RunUpdate {
    store::RunRow run;
    std::string groupKey, rewardKey;
    store::CurveTail points, evaluations;
    bool areImagesWhole = true;
    std::vector<std::int64_t> sampleEpochs;
};

template <typename Row>
void extend(std::vector<Row>& rows, bool isWhole, std::vector<Row>& tail) {
    if (isWhole)
        rows = std::move(tail);
    else
        rows.insert(rows.end(), tail.begin(), tail.end());
}

RunUpdate readRun(const store::StoreReader& reader, const std::string& scalar, const store::RunRow& run, KnownRun& known) {
    RunUpdate update{.run = run, .groupKey = {}, .rewardKey = {}, .points = {}, .evaluations = {}, .sampleEpochs = {}};
    if (known.run.id.empty() || known.run.configJson != run.configJson) {
        known.groupKey = figure::groupKey(run);
        known.rewardKey = figure::rewardKey(run);
    }
    update.groupKey = known.groupKey;
    update.rewardKey = known.rewardKey;
    if (known.run == run && !run::isLive(run.state)) {  // nothing happens to it
        update.points.isWhole = update.evaluations.isWhole = update.areImagesWhole = false;
        return update;
    }
    known.names = reader.scalarNames(run.id);
    update.points = reader.scalarsAfter(run.id, scalar, known.lastPoint);
    update.evaluations = reader.scalarsAfter(run.id, "eval_reward_mean", known.lastEvaluation);
    update.sampleEpochs = reader.sampleEpochs(run.id, std::max<std::int64_t>(0, known.lastImages));
    update.areImagesWhole = known.lastImages < 0 || update.evaluations.isWhole || update.sampleEpochs.empty() || update.sampleEpochs.front() != known.lastImages;
    if (!update.areImagesWhole)
        update.sampleEpochs.erase(update.sampleEpochs.begin());
    else if (known.lastImages >= 0)
        update.sampleEpochs = reader.sampleEpochs(run.id);
    known.run = run;
    const auto remember = [](auto& last, const auto& tail) {
        if (!tail.rows.empty())
            last = tail.rows.back();
        else if (tail.isWhole)
            last.reset();
    };
    remember(known.lastPoint, update.points);
    remember(known.lastEvaluation, update.evaluations);
    if (!update.sampleEpochs.empty() || update.areImagesWhole) known.lastImages = update.sampleEpochs.empty() ? -1 : update.sampleEpochs.back();
    return update;
}

}  // namespace

struct CompareLoader::Known {
    CurveQuery source;
    std::map<std::string, KnownRun> runs;
};
struct CompareLoader::Update {
    CurveQuery source;
    std::vector<RunUpdate> runs;
    std::vector<std::string> scalarNames;
    int hiddenRuns = 0;
};

CompareLoader::CompareLoader() : m_thread([this](std::stop_token stop) { loop(stop); }) {
    qRegisterMetaType<std::vector<RunImages>>();
}

CompareLoader::~CompareLoader() = default;

void CompareLoader::clear() {
    const std::lock_guard lock(m_mutex);
    m_curves.reset();
    m_images.reset();
    m_data = {};
    ++m_generation;
}

void CompareLoader::loadCurves(const std::filesystem::path& workspace, const std::string& scalar) {
    const std::lock_guard lock(m_mutex);
    m_curves = CurveQuery{workspace, scalar, m_generation};
    m_wake.notify_one();
}

void CompareLoader::loadImages(const std::filesystem::path& workspace,
                               std::vector<std::pair<std::string, std::int64_t>> places) {
    const std::lock_guard lock(m_mutex);
    m_images = ImageQuery{workspace, std::move(places), m_generation};
    m_wake.notify_one();
}

void CompareLoader::loop(std::stop_token stop) {
    Known known;
    while (true) {
        std::optional<CurveQuery> curves;
        std::optional<ImageQuery> images;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_curves || m_images; })) return;
            curves.swap(m_curves);
            images.swap(m_images);
        }
        const auto post = [this](auto action) { QMetaObject::invokeMethod(this, std::move(action), Qt::QueuedConnection); };
        try {
            if (curves) readCurves(*curves, known);
            if (images) {
                post([this, generation = images->generation, found = readImages(images->workspace, images->places)] {
                    if (generation == m_generation) Q_EMIT imagesLoaded(found);
                });
            }
        } catch (const std::exception& error) {
            known = {};  // what was read may not have been handed over
            post([this, text = QString::fromUtf8(error.what())] { Q_EMIT failed(text); });
        }
    }
}

/// On the worker.
void CompareLoader::readCurves(const CurveQuery& query, Known& known) {
    if (!known.source.isSameSource(query)) known = {query, {}};
    const store::StoreReader reader(query.workspace);
    auto update = std::make_shared<Update>();
    update->source = query;
    std::set<std::string> names;
    std::vector<store::RunRow> runs = reader.runs();
    std::map<std::string, KnownRun> seen;  // runs that are hidden now are forgotten
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        if (!run->isVisible) {
            ++update->hiddenRuns;
            continue;
        }
        KnownRun& entry = seen[run->id] = std::move(known.runs[run->id]);
        update->runs.push_back(readRun(reader, query.scalar, *run, entry));
        names.insert(entry.names.begin(), entry.names.end());
    }
    known.runs = std::move(seen);
    update->scalarNames.assign(names.begin(), names.end());
    QMetaObject::invokeMethod(this, [this, update] { take(*update); }, Qt::QueuedConnection);
}

/// On the GUI thread, in the order in which they were read.
void CompareLoader::take(Update& update) {
    if (update.source.generation != m_generation) return;
    if (m_data.scalar != update.source.scalar) m_data = {};
    std::map<std::string, RunCurve> before;
    for (RunCurve& run : m_data.runs) before.emplace(run.run.id, std::move(run));
    m_data = {.scalar = update.source.scalar, .runs = {}, .scalarNames = std::move(update.scalarNames), .hiddenRuns = update.hiddenRuns};
    for (RunUpdate& fresh : update.runs) {
        RunCurve run = std::move(before[fresh.run.id]);
        run.run = std::move(fresh.run);
        run.groupKey = std::move(fresh.groupKey);
        run.rewardKey = std::move(fresh.rewardKey);
        extend(run.points, fresh.points.isWhole, fresh.points.rows);
        extend(run.evaluations, fresh.evaluations.isWhole, fresh.evaluations.rows);
        extend(run.sampleEpochs, fresh.areImagesWhole, fresh.sampleEpochs);
        m_data.runs.push_back(std::move(run));
    }
    Q_EMIT curvesLoaded();
}

}  // namespace rlcm::ui
