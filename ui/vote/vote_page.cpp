#include "ui/vote/vote_page.h"

#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

#include "ui/bridge/store_service.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"
#include "ui/vote/rounds_table.h"
#include "ui/vote/vote_ballot.h"
#include "ui/vote/vote_result.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

VotePage::VotePage(const Sources& sources, QWidget* parent) : Page(parent), m_store(sources.store), m_runs(sources.runs), m_folder(sources.folder) {
    setObjectName(QStringLiteral("votePage"));
    m_empty =
        new EmptyState(Icon::Check, tr("Nothing to vote about yet"), tr("Train a run: its evaluation images can be compared without knowing which is which."));
    m_empty->setObjectName(QStringLiteral("voteEmpty"));
    m_setup = new VoteSetup;
    m_rounds = new RoundsTable;
    m_ballot = new VoteBallot;
    m_result = new VoteResult;
    m_result->setFocusPolicy(Qt::StrongFocus);
    auto* choosing = new QWidget;
    auto* column = new QVBoxLayout(choosing);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kLarge);
    column->addWidget(m_setup);
    column->addWidget(m_rounds, 1);
    m_stack = new QStackedWidget;
    for (QWidget* part : std::initializer_list<QWidget*>{m_empty, choosing, m_ballot, m_result}) {
        m_stack->addWidget(part);
    }
    m_message = new MessageBar;
    m_message->setObjectName(QStringLiteral("voteMessage"));
    m_message->floatOver(m_stack);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    layout->addWidget(m_stack);
    connectAll();
}

VotePage::~VotePage() = default;

void VotePage::connectAll() {
    connect(m_setup, &VoteSetup::chosen, this, [this](const std::array<VoteChoice, 2>& choice) {
        Q_EMIT proposed({[choice](ViewState& state) { state.vote = {.a = choice[0], .b = choice[1]}; }});
    });
    connect(m_setup, &VoteSetup::startRequested, this, [this] {
        if (m_answer && m_answer->offer.round) {
            open(*m_answer->offer.round);
        }
    });
    connect(m_rounds, &RoundsTable::opened, this, [this](std::size_t row) {
        if (m_answer) {
            open(m_rounds->rounds()[row].round);
        }
    });
    connect(m_ballot, &VoteBallot::voted, this, [this] {
        keep();
        m_canReopen = true;
        if (m_ballot->round().isOver()) {
            showResult();
        }
    });
    connect(m_ballot, &VoteBallot::postponed, this, &VotePage::showSetup);
    connect(m_result, &VoteResult::closed, this, &VotePage::showSetup);
    connect(m_result, &VoteResult::reopenRequested, this, &VotePage::undo);
    connect(m_result, &VoteResult::saveRequested, this, &VotePage::save);
    connect(m_result, &VoteResult::againRequested, this, [this] { openNext(m_ballot->round().sides); });
}

VotePage::Step VotePage::step() const {
    return static_cast<Step>(m_stack->currentIndex());
}

/// The keys go there too.
void VotePage::go(Step step) {
    m_stack->setCurrentIndex(step);
    if (isVisible()) {
        setFocus();
    }
}

void VotePage::showView(const ViewState& state) {
    m_selected = state.run;
    m_view = state.vote;
    if (isVisible()) {  // what nobody sees is not read
        showRuns();
    }
}

void VotePage::refresh() {
    showRuns();
    ask();
}

void VotePage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    refresh();
    if (step() == Voting) {
        setFocus();
    }
}

bool VotePage::isShowingData() const {
    return step() == Voting ? m_ballot->isSettled() : step() != Choosing || !m_isAsking;
}

/// What the images of a run are best compared with: of the same seed and reward, and better one that charts show.
run::RunId VotePage::counterpart(const run::RunId& id) const {
    const store::RunRow* own = m_runs.find(id);
    run::RunId best = id;  // then it is its own beginning
    int most = -1;
    for (const store::RunRow& run : m_runs.runs()) {
        const int fit = (run.seed == own->seed && run.reward == own->reward ? 2 : 0) + (run.isVisible ? 1 : 0);
        if (run.id != id && fit > most) {
            best = run.id;
            most = fit;
        }
    }
    return best;
}

std::array<VoteChoice, 2> VotePage::fittingChoice() const {
    std::array<VoteChoice, 2> choice{m_view.a, m_view.b};
    if (m_runs.find(choice[0].run) == nullptr) {
        choice[0] = {.run = m_runs.find(m_selected) != nullptr ? m_selected : m_runs.runs().front().id};
    }
    if (m_runs.find(choice[1].run) == nullptr) {
        choice[1] = {.run = counterpart(choice[0].run)};
    }
    return choice;
}

void VotePage::showRuns() {
    std::map<std::string, int> uses;
    for (const store::RunRow& run : m_runs.runs()) {
        ++uses[run.name];
    }
    m_names.clear();
    for (int row = 0; row < m_runs.rowCount(); ++row) {
        const store::RunRow& run = m_runs.at(row);
        const QString id = uses[run.name] > 1 ? QStringLiteral(" · ") + QString::fromStdString(run.id) : QString();
        const QString brief = m_runs.index(row, RunsModel::Name).data(RunsModel::BriefNameRole).toString();
        m_names.push_back({.id = run.id, .name = oneLine(run.name) + id, .brief = brief + id});
    }
    if (m_names.empty()) {
        m_stack->setCurrentIndex(Nothing);
        return;
    }
    if (step() == Nothing) {
        m_stack->setCurrentIndex(Choosing);
    }
    m_setup->setRuns(m_names);
    const std::array<VoteChoice, 2> choice = fittingChoice();
    m_setup->setChoice(choice);
    if (choice != m_choice) {
        m_choice = choice;
        m_answer.reset();
        ask();
    } else if (m_answer) {
        showRounds();
    }
}

void VotePage::ask() {
    if (!isVisible() || step() != Choosing) {
        return;
    }
    m_isAsking = true;
    const auto read = [this, choice = m_choice, token = m_questions.renew()] {
        m_store.readAside(
            this, token,
            [choice, folder = m_folder](const store::StoreReader& reader) {
                return Answer{.offer = offerRound(reader, choice, folder), .rounds = keptRounds(reader, folder)};
            },
            [this](Answer answer) { take(std::move(answer)); },
            [this](const QString& text) {
                m_isAsking = false;
                tellError(text);
            });
    };
    runInBackground({m_writer, this}, [] {}, read);  // behind the votes that are still being written
}

void VotePage::take(Answer answer) {
    m_isAsking = false;
    m_answer = std::move(answer);
    m_setup->setOffer(m_answer->offer);
    showRounds();
}

void VotePage::showRounds() {
    m_rounds->setRounds(
        m_answer->rounds, [this](const figure::VoteSide& side) { return nameOf(side); }, [this](const figure::VoteSide& side) { return briefNameOf(side); });
}

void VotePage::showSetup() {
    go(Choosing);
    refresh();
}

QString VotePage::nameOf(const figure::VoteSide& side) const {
    const auto run = std::ranges::find(m_names, side.run, &VoteSetup::Run::id);
    return tr("%1 at epoch %2").arg(run != m_names.end() ? run->name : tr("%1, deleted,").arg(QString::fromStdString(side.run)), QString::number(side.epoch));
}

QString VotePage::briefNameOf(const figure::VoteSide& side) const {
    const auto run = std::ranges::find(m_names, side.run, &VoteSetup::Run::id);
    return tr("%1\nepoch %2").arg(run != m_names.end() ? run->brief : tr("%1, deleted").arg(QString::fromStdString(side.run)), QString::number(side.epoch));
}

}  // namespace rlcm::ui
