#pragma once
#include <QDialog>
#include <vector>

#include "core/run/reward_trial.h"
#include "ui/bridge/background.h"
#include "ui/runs/trial_images.h"

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace rlcm::ui {

class MessageBar;
class StoreService;

/// Scores a handful of pictures under the reward of the form, at once and in the background: pictures, prompts that can be
/// changed, totals, terms, time for one image. May be closed at any time; what still runs is forgotten.
/// The button reads Cancel while it scores.
/// objectNames: trialSource, trialScore, trialStatus, trialMessage; in each cell trialPrompt, trialTotal, trialTerms.
class RewardTrialDialog : public QDialog {
    Q_OBJECT
public:
    /// Evaluation images come from `store`, which must outlive the dialog; without one pictures are drawn.
    RewardTrialDialog(run::RewardTester tester, StoreService* store, QWidget* parent = nullptr);
    ~RewardTrialDialog() override;
    /// The reward to try from now on. Does not score by itself.
    void setReward(const run::RewardConfig& reward);
    /// Scores what is shown; loads pictures first when there are none.
    void score();
    bool isBusy() const { return m_isBusy; }

private:
    enum class Source { Evaluation, Drawn, Files };
    struct Cell {
        TrialImage image;
        QLineEdit* prompt = nullptr;
        QLabel* total = nullptr;
        QLabel* terms = nullptr;
    };
    struct Loaded {
        std::vector<TrialImage> images;
        Source source = Source::Drawn;
    };

    void makeParts();
    void layOut();
    void load(Source source, const QStringList& files = {});
    void onLoaded(Loaded loaded);
    void onSourceChosen(int index);
    void showImages(std::vector<TrialImage> images);
    void showScores(const run::RewardTrial& trial);
    void clearScores();
    void cancel();
    void fail(const QString& text);
    void setBusy(bool isBusy, const QString& status);

    run::RewardTester m_tester;
    StoreService* m_store;
    run::RewardConfig m_reward;
    std::vector<Cell> m_cells;
    QStringList m_files;
    Generation m_questions;  // results of earlier ones are dropped
    bool m_isBusy = false;
    QLabel* m_title = nullptr;
    QComboBox* m_source = nullptr;
    MessageBar* m_message = nullptr;
    QWidget* m_content = nullptr;
    QGridLayout* m_grid = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_status = nullptr;
    QPushButton* m_score = nullptr;
};

}  // namespace rlcm::ui
