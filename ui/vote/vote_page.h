#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "ui/bridge/background.h"
#include "ui/view/page.h"
#include "ui/vote/vote_round.h"
#include "ui/vote/vote_setup.h"

class QStackedWidget;

namespace rlcm::ui {

class EmptyState;
class MessageBar;
class RoundsTable;
class RunsModel;
class StoreService;
class VoteBallot;
class VoteResult;

/// Blind votes: two sides are chosen, then their pairs are shown in random order and on random sides, and what is which is told when all have a vote. Each vote is written at once; a round that was left goes
/// on, from here or from the table of rounds. Leaving the page keeps the pair. objectNames: votePage, voteEmpty, voteMessage, those of VoteSetup, RoundsTable, VoteBallot and VoteResult.
class VotePage : public Page {
    Q_OBJECT
public:
    struct Sources {
        StoreService& store;  ///< both must outlive the page
        const RunsModel& runs;
        std::filesystem::path folder;  ///< of the tables; made with the first vote
    };
    explicit VotePage(const Sources& sources, QWidget* parent = nullptr);
    ~VotePage() override;

    QString key() const override { return QStringLiteral("vote"); }
    QString title() const override { return tr("Vote"); }
    QString tip() const override { return tr("Which images are better, without knowing of which run they are"); }
    Icon symbol() const override { return Icon::Check; }
    void showView(const ViewState& state) override;
    void refresh() override;
    bool isShowingData() const override;
    bool timeKey(int key) override;
    std::optional<ExportSubject> exportSubject() const override;

protected:
    bool event(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// What is on the page, in the order of the stack.
    enum Step { Nothing, Choosing, Voting, Telling };
    /// What the store and the tables say.
    struct Answer {
        VoteOffer offer;
        std::vector<KeptRound> rounds;
    };
    Step step() const;
    void connectAll();
    std::array<VoteChoice, 2> fittingChoice() const;
    run::RunId counterpart(const run::RunId& id) const;
    QString nameOf(const figure::VoteSide& side) const;
    QString briefNameOf(const figure::VoteSide& side) const;
    void go(Step step);
    bool takeKey(int key);
    void showRuns();
    void ask();
    void showRounds();
    void take(Answer answer);
    void open(VoteRound round);
    void openNext(const figure::VoteSides& sides);
    bool canUndo() const;
    void undo();
    void keep();
    void showResult();
    void showSetup();
    void save();
    void tellError(const QString& text);

    StoreService& m_store;
    const RunsModel& m_runs;
    const std::filesystem::path m_folder;
    run::RunId m_selected;
    VoteView m_view;
    std::array<VoteChoice, 2> m_choice;
    Generation m_questions;
    std::optional<Answer> m_answer;  // to the choice; empty: not known yet
    std::vector<VoteSetup::Run> m_names;
    bool m_isAsking = false;
    bool m_canReopen = false;  // the round has ended here just now
    QStackedWidget* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    VoteSetup* m_setup = nullptr;
    RoundsTable* m_rounds = nullptr;
    VoteBallot* m_ballot = nullptr;
    VoteResult* m_result = nullptr;
    MessageBar* m_message = nullptr;
    BackgroundThreads m_writer{1};  // last: has written before the rest goes
};

}  // namespace rlcm::ui
