#pragma once
#include <QWidget>
#include <array>
#include <vector>

#include "ui/vote/vote_round.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace rlcm::ui {

/// Run and epoch of both sides, and how many pairs that makes. Return begins. thread: GUI.
/// objectNames: voteSetup, voteRunA, voteEpochA, voteRunB, voteEpochB, voteNote, voteStart.
class VoteSetup : public QWidget {
    Q_OBJECT
public:
    struct Run {
        run::RunId id;
        QString name, brief;  ///< brief: without the words that all of them share
        bool operator==(const Run&) const = default;
    };
    explicit VoteSetup(QWidget* parent = nullptr);
    void setRuns(const std::vector<Run>& runs);
    /// Both runs must be among those. No signal. What was offered for another choice is gone.
    void setChoice(const std::array<VoteChoice, 2>& choice);
    void setOffer(const VoteOffer& offer);
    /// Where keys belong.
    void focusIn();

Q_SIGNALS:
    void chosen(const std::array<rlcm::ui::VoteChoice, 2>& choice);
    void startRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Side {
        QComboBox *run = nullptr, *epoch = nullptr;
    };
    void build();
    void take(std::size_t side, bool isEpoch);

    std::vector<Run> m_runs;
    std::array<VoteChoice, 2> m_choice;
    std::array<Side, 2> m_sides;
    QLabel* m_note = nullptr;
    QPushButton* m_start = nullptr;
};

}  // namespace rlcm::ui
