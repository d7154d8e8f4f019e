#pragma once
// Choosing a preset, changing settings, seeing the cost, and starting one or several runs.
#include <QDialog>
#include <vector>

#include "core/run/derive.h"
#include "core/run/run_config.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace rlcm::ui {

class ConfigForm;
class EstimateCard;

/// Not modal: training and looking go on beside it. Emits what to make; creating and starting is the caller's.
class NewRunDialog : public QDialog {
    Q_OBJECT
public:
    explicit NewRunDialog(const run::SpeedHint& speed, QWidget* parent = nullptr);
    /// Fills the form, as when cloning a run.
    void setConfig(const run::RunConfig& config);
    /// While a run trains in this window, a new one can only be queued.
    void setTraining(bool isTraining);
    ConfigForm& form() { return *m_form; }

Q_SIGNALS:
    /// `startNow`: begin with the first at once; the others, or all, go to the queue.
    void submitted(const std::vector<rlcm::run::RunConfig>& configs, bool startNow);

private:
    QWidget* makePresets();
    QWidget* makeSide();
    void recheck();
    void submit(bool startNow);

    run::SpeedHint m_speed;
    bool m_isTraining = false;
    std::vector<run::RunConfig> m_configs;  // what would be made now; empty while something is wrong
    QListWidget* m_presets = nullptr;
    QLabel* m_note = nullptr;
    ConfigForm* m_form = nullptr;
    EstimateCard* m_estimate = nullptr;
    QLineEdit* m_seeds = nullptr;
    QLineEdit* m_horizons = nullptr;
    QLabel* m_alsoHint = nullptr;
    QLabel* m_summary = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_queue = nullptr;
};

}  // namespace rlcm::ui
