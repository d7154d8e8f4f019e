#include "ui/compare/compare_loader.h"

#include <algorithm>
#include <exception>
#include <set>

namespace rlcm::ui {
namespace {

CompareData readCurves(const std::filesystem::path& workspace, const std::string& scalar) {
    const store::StoreReader reader(workspace);
    CompareData data;
    std::set<std::string> names;
    std::vector<store::RunRow> runs = reader.runs();
    std::reverse(runs.begin(), runs.end());
    for (store::RunRow& run : runs) {
        if (!run.isVisible) {
            ++data.hiddenRuns;
            continue;
        }
        const auto own = reader.scalarNames(run.id);
        names.insert(own.begin(), own.end());
        RunCurve curve{.run = run,
                       .points = reader.scalars(run.id, scalar),
                       .evaluations = reader.scalars(run.id, "eval_reward_mean"),
                       .sampleEpochs = reader.sampleEpochs(run.id)};
        data.runs.push_back(std::move(curve));
    }
    data.scalarNames.assign(names.begin(), names.end());
    return data;
}

std::vector<RunImages> readImages(const std::filesystem::path& workspace,
                                  const std::vector<std::pair<std::string, std::int64_t>>& places) {
    const store::StoreReader reader(workspace);
    std::vector<RunImages> all;
    for (const auto& [id, epoch] : places) {
        all.push_back({id, epoch, epoch < 0 ? std::vector<store::SampleRow>() : reader.samples(id, epoch)});
    }
    return all;
}

}  // namespace

CompareLoader::CompareLoader() : m_thread([this](std::stop_token stop) { loop(stop); }) {
    qRegisterMetaType<CompareData>();
    qRegisterMetaType<std::vector<RunImages>>();
}

CompareLoader::~CompareLoader() = default;

void CompareLoader::loadCurves(const std::filesystem::path& workspace, const std::string& scalar) {
    const std::lock_guard lock(m_mutex);
    m_curves = CurveQuery{workspace, scalar};
    m_wake.notify_one();
}

void CompareLoader::loadImages(const std::filesystem::path& workspace,
                               std::vector<std::pair<std::string, std::int64_t>> places) {
    const std::lock_guard lock(m_mutex);
    m_images = ImageQuery{workspace, std::move(places)};
    m_wake.notify_one();
}

void CompareLoader::loop(std::stop_token stop) {
    while (true) {
        std::optional<CurveQuery> curves;
        std::optional<ImageQuery> images;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_curves || m_images; })) return;
            curves.swap(m_curves);
            images.swap(m_images);
        }
        try {
            if (curves) Q_EMIT curvesLoaded(readCurves(curves->workspace, curves->scalar));
            if (images) Q_EMIT imagesLoaded(readImages(images->workspace, images->places));
        } catch (const std::exception& error) {
            Q_EMIT failed(QString::fromUtf8(error.what()));
        }
    }
}

}  // namespace rlcm::ui
