#pragma once
// Choosing a preset, changing settings, seeing the cost, and starting one or several runs.
#include <QDialog>
#include <QPointer>
#include <QStringList>
#include <vector>

#include "core/run/arithmetic.h"
#include "core/run/derive.h"
#include "core/run/model_library.h"
#include "core/run/reward_trial.h"
#include "core/run/run_config.h"
#include "ui/runs/config_form.h"
#include "ui/runs/measured_speed.h"
#include "ui/theme/theme.h"

class QLabel;
class QListWidget;
class QPushButton;
class QScrollArea;

namespace rlcm::ui {

class ArithmeticHint;
class EstimateCard;
class MessageBar;
class RewardTrialDialog;
class StoreService;
class VaryCard;

/// Not modal: training and looking go on beside it. Emits what to make; creating and starting is the caller's, who then calls accept()
/// or refuse(). Return starts nothing but a focused button; Ctrl+Return starts the run.
class NewRunDialog : public QDialog {
    Q_OBJECT
public:
    /// `tester` scores pictures under the reward in the form; those of the runs in `store`, when there is
    /// one, are offered; it must outlive the dialog.
    NewRunDialog(run::RewardTester tester, StoreService* store, QWidget* parent = nullptr);
    /// Fills the form, as when cloning a run; `origin` names where the settings come from. Changes that this replaces can be put back.
    void setConfig(const run::RunConfig& config, const QString& origin);
    /// The form of the first preset that suits a model, for that model: one of a paper's when it has a published shape.
    void setModel(const run::ModelFacts& model);
    /// Models to offer in the fields that name one.
    void setKnownModels(const std::vector<run::ModelFacts>& models);
    /// Finds what the settings name that is not there.
    void setChecker(ConfigForm::Checker checker) { m_form->setChecker(std::move(checker)); }
    /// Tells what each precision takes on this device, for the hint beside it and for the estimate.
    void setArithmeticTimer(run::ArithmeticTimer timer);
    /// What earlier runs took, for the estimate.
    void setSpeeds(std::vector<MeasuredSpeed> speeds);
    /// The runs could not be made: says why, and everything typed stays.
    void refuse(const QString& reason);
    /// While a run trains in this window, a new one can only be queued.
    void setTraining(bool isTraining);
    ConfigForm& form() { return *m_form; }

Q_SIGNALS:
    /// `startNow`: begin with the first at once; the others, or all, go to the queue.
    void submitted(const std::vector<rlcm::run::RunConfig>& configs, bool startNow);

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    /// The form before its changes were replaced.
    struct Replaced {
        QStringList texts;
        int preset = -1;
        QString note;
    };
    static QScrollArea* makeScroll(QWidget* content);
    static void setTone(QLabel* label, Role role);
    QWidget* makePresets();
    QWidget* makeButtons();
    void addBrowse(const char* path, const QString& what, bool isFolder);
    void applyPreset(int row);
    void choosePreset(int row);
    void replaceWith(const run::RunConfig& config, const QString& origin, int preset);
    void putBack();
    QWidget* makeSide();
    QWidget* makeFit();
    void fitToGpu(int gigabytes);
    void recheck();
    void submit(bool startNow);
    void tryReward();

    run::Estimate estimateOf(const run::RunConfig& config) const;
    void showEstimate();
    void showArithmetic();
    void showSummary(const std::vector<run::Problem>& problems);

    std::vector<MeasuredSpeed> m_speeds;
    run::RewardTester m_tester;
    StoreService* m_store;
    QPointer<RewardTrialDialog> m_trial;
    bool m_isTraining = false;
    bool m_isSubmitted = false;
    bool m_isReplacing = false;
    int m_preset = -1;  // row of the preset that the form was filled with
    Replaced m_replaced;
    QString m_refusal;                      // why the runs could not be made, until something is changed
    std::vector<run::RunConfig> m_configs;  // what would be made now; empty while something is wrong
    QListWidget* m_presets = nullptr;
    QLabel* m_note = nullptr;
    ConfigForm* m_form = nullptr;
    EstimateCard* m_estimate = nullptr;
    ArithmeticHint* m_arithmetic = nullptr;
    VaryCard* m_vary = nullptr;
    QLabel* m_fitHint = nullptr;
    QLabel* m_summary = nullptr;
    MessageBar* m_putBack = nullptr;
    QScrollArea* m_formScroll = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_queue = nullptr;
    QPushButton* m_tryReward = nullptr;
};

}  // namespace rlcm::ui
