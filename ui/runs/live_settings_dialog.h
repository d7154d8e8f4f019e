#pragma once
// Changing settings of the run that trains.
#include <QDialog>
#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;

namespace rlcm::ui {

class RunController;

/// One row for each setting that can change while a run trains: what it is, what it shall be, and whether that is still to come. Applied before the next epoch, marked on the
/// charts and stored with the run. thread: GUI. objectNames: live:PATH, liveState:PATH, applyLive.
class LiveSettingsDialog : public QDialog {
    Q_OBJECT
public:
    /// `controller` must outlive it.
    explicit LiveSettingsDialog(RunController& controller, QWidget* parent = nullptr);

private:
    struct Row {
        std::string path;
        QLineEdit* value = nullptr;
        QLabel* state = nullptr;
    };
    void fill();
    void showStates();
    void apply();

    RunController& m_controller;
    std::vector<Row> m_rows;
    QPushButton* m_apply = nullptr;
    QLabel* m_problem = nullptr;
};

}  // namespace rlcm::ui
