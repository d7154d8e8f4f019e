#pragma once
#include "core/store/workspace.h"
#include "ui/bridge/undoable_edits.h"
#include "ui/view/page.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace rlcm::ui {

class RunHistory;
class RunNotes;
class RunsModel;
class SettingsModel;
class StoreService;

/// All about the selected run: settings and environment, beside those of the runs in the charts; tags, notes and events. objectNames: settingsTable,
/// settingsSearch, compareShown, onlyDifferences, hideNoise, copyCommand, copySettings, openFolder, settingsPreset, and those of RunNotes and RunHistory.
class InspectPage : public Page {
    Q_OBJECT
public:
    /// All must outlive the page.
    struct Sources {
        const RunsModel& runs;
        StoreService& store;
        QUndoStack& steps;  ///< to take edits of tags and notes back
    };
    explicit InspectPage(const Sources& sources, QWidget* parent = nullptr);

    QString key() const override { return QStringLiteral("settings"); }
    QString title() const override { return tr("Settings"); }
    QString tip() const override { return tr("What a run was trained with, and where runs differ"); }
    Icon symbol() const override { return Icon::Settings; }
    void showView(const ViewState& state) override;
    void refresh() override;
    bool isShowingData() const override;

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeControls();
    QWidget* makeTable();
    QWidget* makeSide();
    void openFolder();
    void proposeChoice(bool InspectView::* choice, bool isOn);
    void load();
    void showNotes();
    void layOutTable();
    void fitColumns();
    void updateText();
    std::vector<store::RunRow> wantedRuns() const;

    const RunsModel& m_runs;
    StoreService& m_store;
    UndoableEdits m_edits;
    run::RunId m_run;
    InspectView m_view;
    std::vector<store::RunRow> m_loaded;
    SettingsModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    std::vector<int> m_wholeWidths;  // of its columns, should there be room
    QLineEdit* m_search = nullptr;
    QCheckBox *m_compare = nullptr, *m_differences = nullptr, *m_noise = nullptr;
    QLabel* m_preset = nullptr;
    QPushButton *m_copyCommand = nullptr, *m_copyTable = nullptr, *m_openFolder = nullptr;
    RunNotes* m_notes = nullptr;
    RunHistory* m_history = nullptr;
    QSplitter *m_split = nullptr, *m_side = nullptr;
    QStackedWidget* m_stack = nullptr;
};

}  // namespace rlcm::ui
