#pragma once
// The selected run: reward, any other measure, the evaluation images at the cursor, and its log.
#include <QWidget>
#include <optional>
#include <vector>

#include "core/store/workspace.h"
#include "ui/compare/compare_data.h"
#include "ui/shell/live_data.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QSlider;
class QSplitter;
class QStackedLayout;
class QToolButton;

namespace rlcm::ui {

class ChartWidget;
class EmptyState;
class EvaluationPanel;
class MessageBar;
class Settings;
class StateBadge;
class StoreService;
class ThumbnailCache;

/// Shows one run, whoever trains it. Reads history through the StoreService; what is drawn is already durable, because
/// the store comes first in the fan-out of events. Repeated refreshes are merged.
class LivePage : public QWidget {
    Q_OBJECT
public:
    LivePage(StoreService& store, ThumbnailCache& cache, QWidget* parent = nullptr);

    /// Shows another run, or newer facts of the same one. nullptr: nothing is selected.
    void setRun(const store::RunRow* run);
    /// State newer than the store's, for the run trained in this window; nothing: the store's counts again.
    void setLiveState(std::optional<run::RunState> state);
    /// The run of this window has ended so: what the store says will follow.
    void endLive(const run::RunId& id, run::RunState state, const std::string& error);
    /// Cursor and images; no signal.
    void setEpoch(int epoch);
    void refresh();
    const run::RunId& shownRun() const { return m_run.id; }
    /// Everything read so far is drawn, and at least one curve point is there.
    bool isShowingData() const;
    std::size_t curvePoints(const std::string& name) const;
    const std::vector<std::string>& scalarNames() const { return m_data.names; }
    const std::vector<int>& checkpointEpochs() const { return m_data.checkpointEpochs; }
    EvaluationPanel& images() { return *m_images; }
    ChartWidget& rewardChart() { return *m_reward; }
    void save(Settings& settings) const;
    void restore(const Settings& settings);

Q_SIGNALS:
    void epochRequested(int epoch);    ///< the cursor of a chart or the large view was moved
    void exportRequested();            ///< the grid's export button
    void ticksChanged();               ///< image or checkpoint epochs
    void failed(const QString& message);

private:
    QWidget* makeHeader();
    QWidget* makeCharts();
    void makeLog();
    void take(const LiveUpdate& live);
    void drawCharts();
    void updateHeader();
    void fillMeasures();
    void appendLog(const std::vector<store::LogRow>& rows);
    std::string measure() const;
    XAxis axis() const;
    double xAtEpoch(int epoch) const;
    void onCursor(double x);
    double halfLifeInX() const;

    StoreService& m_store;
    store::RunRow m_run;
    std::optional<run::RunState> m_liveState;
    LiveData m_data;
    QString m_wantedMeasure = QStringLiteral("eval_judge_accuracy");  ///< does the prompt still show? May not exist
    int m_epoch = 0;
    std::int64_t m_lastLog = 0;
    bool m_isReading = false, m_isDirty = false;

    QStackedLayout* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    QLabel *m_name = nullptr, *m_facts = nullptr, *m_smoothingText = nullptr;
    StateBadge* m_badge = nullptr;
    MessageBar* m_problem = nullptr;
    std::string m_shownProblem;
    QComboBox *m_axis = nullptr, *m_measure = nullptr;
    QSlider* m_smoothing = nullptr;
    ChartWidget *m_reward = nullptr, *m_other = nullptr;
    EvaluationPanel* m_images = nullptr;
    QSplitter* m_split = nullptr;
    QToolButton* m_logToggle = nullptr;
    QPlainTextEdit* m_log = nullptr;
};

}  // namespace rlcm::ui
