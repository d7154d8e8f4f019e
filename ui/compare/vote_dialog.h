#pragma once
// A blind vote between the images of two runs or epochs.
#include <QDialog>
#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "ui/bridge/background.h"
#include "ui/compare/vote_round.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace rlcm::ui {

class MessageBar;
class StoreService;
class VotePictures;

/// What can be voted about, and where votes are kept.
struct VoteSubject {
    struct Run {
        run::RunId id;
        QString name;
    };
    std::vector<Run> runs;
    run::RunId a, b;               ///< chosen at first; empty: the first two
    std::filesystem::path folder;  ///< made with the first vote
};

/// Two runs and epochs are chosen, then pairs of the same prompt and noise are shown in random order and on random sides; nothing tells which is which before all have a vote. Keys: left, right, down or
/// space for a tie, backspace for the one before. Each vote is written at once; a round that was left goes on. thread: GUI. objectNames: voteDialog, voteRunA, voteEpochA, voteRunB, voteEpochB,
/// voteNote, voteStart, votePrompt, votePictures, voteLeft, voteTie, voteRight, voteUndo, voteProgress, voteResult, voteSave, voteAgain.
class VoteDialog : public QDialog {
    Q_OBJECT
public:
    /// `store` must outlive it.
    VoteDialog(StoreService& store, VoteSubject subject, QWidget* parent = nullptr);
    ~VoteDialog() override;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum Step { Choosing, Voting, Telling };
    struct Side {
        QComboBox *run = nullptr, *epoch = nullptr;
        Generation asked;
    };
    QWidget* makeChoice();
    QWidget* makeBallot();
    QWidget* makeResult();
    QPushButton* makeButton(const QString& name, const QString& text, const QString& tip);
    void connectAll();
    void askForEpochs(Side& side, std::optional<std::size_t> wanted);
    void askForRound();
    void takeRound(VoteRound round);
    std::optional<figure::VoteSides> chosen() const;
    QString nameOf(const figure::VoteSide& side) const;
    void begin();
    void showPair();
    void vote(std::optional<bool> isLeft);
    void undo();
    void keep();
    void showResult();
    void save();

    StoreService& m_store;
    const VoteSubject m_subject;
    std::array<Side, 2> m_sides;
    Generation m_rounds;
    std::optional<VoteRound> m_round;  // between the sides chosen
    QStackedWidget* m_stack = nullptr;
    QLabel *m_note = nullptr, *m_prompt = nullptr, *m_count = nullptr, *m_result = nullptr, *m_kept = nullptr;
    VotePictures* m_pictures = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton *m_start = nullptr, *m_left = nullptr, *m_tie = nullptr, *m_right = nullptr, *m_undo = nullptr, *m_save = nullptr, *m_again = nullptr;
    MessageBar* m_message = nullptr;
    BackgroundThreads m_writer{1};  // last: has written before the rest goes
};

}  // namespace rlcm::ui
