#pragma once
#include "core/store/workspace.h"
#include "ui/view/page.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace rlcm::ui {

class RunsModel;
class SettingsModel;

/// Settings and environment of the selected run, beside those of the runs in the charts. objectNames: settingsTable, settingsSearch, compareShown,
/// onlyDifferences, hideNoise, copyCommand, copySettings, settingsPreset.
class InspectPage : public Page {
    Q_OBJECT
public:
    /// `runs` must outlive the page.
    explicit InspectPage(const RunsModel& runs, QWidget* parent = nullptr);

    QString key() const override { return QStringLiteral("settings"); }
    QString title() const override { return tr("Settings"); }
    QString tip() const override { return tr("What a run was trained with, and where runs differ"); }
    Icon symbol() const override { return Icon::Settings; }
    void showView(const ViewState& state) override;
    void refresh() override;
    bool isShowingData() const override { return true; }

private:
    QWidget* makeControls();
    QWidget* makeTable();
    void proposeChoice(bool InspectView::* choice, bool isOn);
    void load();
    void layOutTable();
    void updateText();
    std::vector<store::RunRow> wantedRuns() const;

    const RunsModel& m_runs;
    run::RunId m_run;
    InspectView m_view;
    std::vector<store::RunRow> m_loaded;
    SettingsModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QLineEdit* m_search = nullptr;
    QCheckBox *m_compare = nullptr, *m_differences = nullptr, *m_noise = nullptr;
    QLabel* m_preset = nullptr;
    QPushButton *m_copyCommand = nullptr, *m_copyTable = nullptr;
    QStackedWidget* m_stack = nullptr;
};

}  // namespace rlcm::ui
