#pragma once
// Reads the store for the compare page on a thread of its own.
#include <QObject>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ui/compare/compare_data.h"

namespace rlcm::ui {

/// Evaluation images of one run and epoch.
struct RunImages {
    std::string runId;
    std::int64_t epoch = -1;
    std::vector<store::SampleRow> samples;
};

/// Answers the newest question of each kind; a newer one replaces one that still waits, so that asking often
/// is cheap. Each read opens its own StoreReader. Signals arrive on the thread of the receiver (queued).
/// thread: GUI.
class CompareLoader : public QObject {
    Q_OBJECT
public:
    CompareLoader();
    ~CompareLoader() override;
    void loadCurves(const std::filesystem::path& workspace, const std::string& scalar);
    void loadImages(const std::filesystem::path& workspace,
                    std::vector<std::pair<std::string, std::int64_t>> places);

Q_SIGNALS:
    void curvesLoaded(const rlcm::ui::CompareData& data);
    void imagesLoaded(const std::vector<rlcm::ui::RunImages>& images);
    void failed(const QString& message);

private:
    struct CurveQuery {
        std::filesystem::path workspace;
        std::string scalar;
    };
    struct ImageQuery {
        std::filesystem::path workspace;
        std::vector<std::pair<std::string, std::int64_t>> places;
    };
    void loop(std::stop_token stop);

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::optional<CurveQuery> m_curves;  // guarded by m_mutex
    std::optional<ImageQuery> m_images;  // guarded by m_mutex
    std::jthread m_thread;               // last: stops and joins before the rest goes
};

}  // namespace rlcm::ui
