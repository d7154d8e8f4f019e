#pragma once
// The selected run: charts of its measures, the evaluation images at the cursor, and its log.
#include <array>
#include <optional>
#include <vector>

#include "core/store/workspace.h"
#include "ui/bridge/merged_read.h"
#include "ui/live/live_data.h"
#include "ui/view/page.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QSlider;
class QSplitter;
class QStackedLayout;
class QToolButton;

namespace rlcm::ui {

class ChartPanels;
class ChartWidget;
class EmptyState;
class EvaluationPanel;
class MessageBar;
class RunController;
class RunsModel;
class StateBadge;
class StoreService;
class ThumbnailCache;
struct Series;

/// What the smoothing can be, in epochs; 0: off.
inline constexpr std::array kHalfLives = {0, 1, 2, 3, 5, 8, 12, 20, 40, 80, 160, 320, 640};

/// Shows one run, whoever trains it. Reads history through the StoreService; what is drawn is already durable, because
/// the store comes first in the fan-out of events. Repeated refreshes are merged.
class LivePage : public Page {
    Q_OBJECT
public:
    /// What it reads from; all must outlive the page.
    struct Sources {
        StoreService& store;
        ThumbnailCache& images;
        const RunsModel& runs;            ///< facts of the run
        const RunController& controller;  ///< newer state of the run trained in this window
    };
    explicit LivePage(const Sources& sources, QWidget* parent = nullptr);

    QString key() const override { return QStringLiteral("live"); }
    QString title() const override { return tr("Live"); }
    QString tip() const override { return tr("The selected run"); }
    Icon symbol() const override { return Icon::Live; }
    void showView(const ViewState& state) override;
    void refresh() override;
    /// Everything read so far is drawn, and at least one curve point is there.
    bool isShowingData() const override;
    std::optional<EpochRange> epochs() const override;
    std::optional<ExportSubject> exportSubject() const override;

    const run::RunId& shownRun() const { return m_run.id; }
    std::size_t curvePoints(const std::string& name) const;
    EvaluationPanel& images() { return *m_images; }
    ChartPanels& charts() { return *m_charts; }
    /// The first one: the rewards, unless another choice was made.
    ChartWidget& rewardChart();

private:
    QWidget* makeHeader();
    void makeChoices();
    void makeLog();
    void layOut();
    void connectAll();
    void connectChoices();
    void takeRun(const run::RunId& id);
    void setLiveState(std::optional<run::RunState> state);
    void endLive(const run::RunId& id, run::RunState state, const QString& error);
    void showChoices(const LiveView& next);
    void showCursor(int epoch);
    void take(const LiveUpdate& live);
    void drawCharts();
    void drawMarks();
    void updateHeader();
    QString pendingText() const;
    void appendLog(const std::vector<store::LogRow>& rows);
    /// Every measure that some chart shows.
    std::vector<std::string> wanted() const;
    /// Whether the run has some of them that have not been read.
    bool lacksCurves() const;
    void showEmptyTexts();
    std::vector<Series> seriesOf(const std::vector<std::string>& measures) const;
    double xAtEpoch(int epoch) const;
    void onCursor(double x);
    void goTo(int epoch);
    double halfLifeInX() const;

    StoreService& m_store;
    const RunsModel& m_runs;
    const RunController& m_controller;
    store::RunRow m_run;    // as shown
    store::RunRow m_given;  // as the list had it last
    std::optional<run::RunState> m_liveState;
    LiveData m_data;
    LiveView m_view;  // as shown
    int m_epoch = 0;
    std::int64_t m_lastLog = 0;
    MergedRead m_reading;

    QStackedLayout* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    QLabel *m_name = nullptr, *m_facts = nullptr, *m_smoothingText = nullptr;
    StateBadge* m_badge = nullptr;
    MessageBar* m_problem = nullptr;
    std::string m_shownProblem;
    QString m_emptyText, m_shownPending;
    QComboBox* m_axis = nullptr;
    QSlider* m_smoothing = nullptr;
    ChartPanels* m_charts = nullptr;
    EvaluationPanel* m_images = nullptr;
    QSplitter* m_split = nullptr;
    QToolButton* m_logToggle = nullptr;
    QPlainTextEdit* m_log = nullptr;
};

}  // namespace rlcm::ui
