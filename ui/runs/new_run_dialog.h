#pragma once
// Choosing a preset, changing settings, seeing the cost, and starting one or several runs.
#include <QDialog>
#include <QPointer>
#include <filesystem>
#include <vector>

#include "core/run/derive.h"
#include "core/run/model_library.h"
#include "core/run/reward_trial.h"
#include "core/run/run_config.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace rlcm::ui {

class ConfigForm;
class EstimateCard;
class RewardTrialDialog;

/// Not modal: training and looking go on beside it. Emits what to make; creating and starting is the caller's.
class NewRunDialog : public QDialog {
    Q_OBJECT
public:
    /// `tester` scores pictures under the reward in the form; those of `workspace` are offered.
    NewRunDialog(const run::SpeedHint& speed, run::RewardTester tester, std::filesystem::path workspace, QWidget* parent = nullptr);
    /// Fills the form, as when cloning a run.
    void setConfig(const run::RunConfig& config);
    /// The form of the first preset that suits a model, for that model: one of a paper's when it has a published shape.
    void setModel(const run::ModelFacts& model);
    /// Models to offer in the fields that name one.
    void setKnownModels(const std::vector<run::ModelFacts>& models);
    /// While a run trains in this window, a new one can only be queued.
    void setTraining(bool isTraining);
    ConfigForm& form() { return *m_form; }

Q_SIGNALS:
    /// `startNow`: begin with the first at once; the others, or all, go to the queue.
    void submitted(const std::vector<rlcm::run::RunConfig>& configs, bool startNow);

private:
    QWidget* makePresets();
    QWidget* makeSide();
    QWidget* makeFit();
    void fitToGpu(int gigabytes);
    void recheck();
    void submit(bool startNow);
    void tryReward();

    run::SpeedHint m_speed;
    run::RewardTester m_tester;
    std::filesystem::path m_workspace;
    QPointer<RewardTrialDialog> m_trial;
    bool m_isTraining = false;
    std::vector<run::RunConfig> m_configs;  // what would be made now; empty while something is wrong
    QListWidget* m_presets = nullptr;
    QLabel* m_note = nullptr;
    ConfigForm* m_form = nullptr;
    EstimateCard* m_estimate = nullptr;
    QLineEdit* m_seeds = nullptr;
    QLineEdit* m_horizons = nullptr;
    QLabel *m_alsoHint = nullptr, *m_fitHint = nullptr;
    QLabel* m_summary = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_queue = nullptr;
    QPushButton* m_tryReward = nullptr;
};

}  // namespace rlcm::ui
