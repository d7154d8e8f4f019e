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
/// is cheap. Of a curve that was read before only what is new is read and handed over, so that an epoch of a long run costs what
/// one of a short run does. Each read opens its own StoreReader. Signals arrive on the thread of the loader.
/// thread: GUI.
class CompareLoader : public QObject {
    Q_OBJECT
public:
    CompareLoader();
    ~CompareLoader() override;
    /// What has been read so far.
    const CompareData& data() const { return m_data; }
    /// Forgets it, and whatever is still being read.
    void clear();
    void loadCurves(const std::filesystem::path& workspace, const std::string& scalar);
    void loadImages(const std::filesystem::path& workspace,
                    std::vector<std::pair<std::string, std::int64_t>> places);

Q_SIGNALS:
    void curvesLoaded();
    void imagesLoaded(const std::vector<rlcm::ui::RunImages>& images);
    void failed(const QString& message);

private:
    struct CurveQuery {
        std::filesystem::path workspace;
        std::string scalar;
        int generation = 0;
        bool isSameSource(const CurveQuery& other) const { return workspace == other.workspace && scalar == other.scalar && generation == other.generation; }
    };
    struct ImageQuery {
        std::filesystem::path workspace;
        std::vector<std::pair<std::string, std::int64_t>> places;
        int generation = 0;
    };
    struct Known;
    struct Update;
    void loop(std::stop_token stop);
    void readCurves(const CurveQuery& query, Known& known);
    void take(Update& update);

    CompareData m_data;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::optional<CurveQuery> m_curves;  // guarded by m_mutex
    std::optional<ImageQuery> m_images;  // guarded by m_mutex
    int m_generation = 0;                // GUI thread; grows with clear()
    std::jthread m_thread;               // last: stops and joins before the rest goes
};

}  // namespace rlcm::ui
