#pragma once
#include <QWidget>

#include "ui/vote/vote_round.h"
#include "ui/vote/vote_words.h"

class QLabel;
class QPushButton;

namespace rlcm::ui {

class ShareBar;

/// What came out of a round, and which side was which. thread: GUI. objectNames: voteResult, voteShare, voteKept, voteSave, voteAgain, voteReopen, voteRounds.
class VoteResult : public QWidget {
    Q_OBJECT
public:
    explicit VoteResult(QWidget* parent = nullptr);
    /// `canReopen`: the last vote may be taken back.
    void setRound(const VoteRound& round, const SideName& nameOf, bool canReopen);

Q_SIGNALS:
    void saveRequested();
    void againRequested();
    void reopenRequested();
    void closed();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QPushButton* makeButton(const QString& name, const QString& text, const QString& tip);

    ShareBar* m_share = nullptr;
    QLabel *m_result = nullptr, *m_kept = nullptr;
    QPushButton *m_save = nullptr, *m_again = nullptr, *m_reopen = nullptr;
};

}  // namespace rlcm::ui
