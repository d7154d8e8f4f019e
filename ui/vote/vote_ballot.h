#pragma once
#include <QWidget>
#include <optional>

#include "ui/vote/vote_round.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace rlcm::ui {

class VotePictures;

/// The pairs of a round one after the other, large; nothing tells which is which. Keys: left, right, down or space for a tie; they are nobody else's while it has the focus.
/// thread: GUI. objectNames: voteBallot, votePrompt, votePictures, voteLeft, voteTie, voteRight, voteUndo, voteLater, voteProgress, voteCount.
class VoteBallot : public QWidget {
    Q_OBJECT
public:
    explicit VoteBallot(QWidget* parent = nullptr);
    /// Shows its first pair without a vote, should there be one. No signal.
    void setRound(VoteRound round);
    const VoteRound& round() const { return m_round; }
    /// The pair is on the screen, or known not to be readable.
    bool isSettled() const;
    /// A vote by a key, whoever it was pressed on; false: it is none of its keys.
    bool take(int key);
    /// Takes the last vote back, also that which ended the round.
    void undo();

Q_SIGNALS:
    /// The votes of the round are others now.
    void voted();
    void postponed();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void build();
    QPushButton* makeButton(const QString& name, const QString& text, const QString& tip);
    void showPair();
    void vote(std::optional<bool> isLeft);

    VoteRound m_round;
    QLabel *m_prompt = nullptr, *m_count = nullptr;
    VotePictures* m_pictures = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton *m_left = nullptr, *m_tie = nullptr, *m_right = nullptr, *m_undo = nullptr, *m_later = nullptr;
};

}  // namespace rlcm::ui
