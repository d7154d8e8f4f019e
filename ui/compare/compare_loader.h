#pragma once
// Reads the store for the compare page, aside of the window's other reads.
#include <QObject>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ui/bridge/background.h"
#include "ui/compare/compare_data.h"

namespace rlcm::ui {

class StoreService;

/// Evaluation images of one run and epoch.
struct RunImages {
    std::string runId;
    std::int64_t epoch = -1;
    std::vector<store::SampleRow> samples;
    std::optional<double> judge = {};  ///< accuracy of the judge over them
};

/// Answers the newest question of each kind; a newer one replaces one that still waits, so that asking often
/// is cheap. Of a curve that was read before only what is new is read and handed over, so that an epoch of a long run costs what
/// one of a short run does. thread: GUI.
class CompareLoader : public QObject {
    Q_OBJECT
public:
    /// `store` must outlive the loader.
    explicit CompareLoader(StoreService& store);
    ~CompareLoader() override;
    /// What has been read so far.
    const CompareData& data() const { return m_data; }
    void loadCurves(const std::string& scalar);
    void loadImages(std::vector<std::pair<std::string, std::int64_t>> places);

Q_SIGNALS:
    void curvesLoaded();
    void imagesLoaded(const std::vector<rlcm::ui::RunImages>& images);
    void failed(const QString& message);

private:
    struct Known;
    struct Update;
    static std::shared_ptr<Update> readCurves(const store::StoreReader& reader, const std::string& scalar, Known& known);
    void askForCurves();
    void askForImages();
    void take(Update& update);

    StoreService& m_store;
    CompareData m_data;
    std::shared_ptr<Known> m_known;                                             // belongs to the read of curves under way, if there is one
    std::optional<std::string> m_curves;                                        // waits for that read
    std::optional<std::vector<std::pair<std::string, std::int64_t>>> m_images;  // waits for the read of images under way
    bool m_isReadingCurves = false, m_isReadingImages = false;
    Generation m_life;  // ends with this object
};

}  // namespace rlcm::ui
