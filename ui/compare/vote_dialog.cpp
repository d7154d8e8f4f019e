#include "ui/compare/vote_dialog.h"

#include <QComboBox>
#include <QDir>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/files.h"
#include "ui/bridge/store_service.h"
#include "ui/compare/vote_pictures.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {
namespace {

constexpr QSize kDialogSize(720, 480);

QLabel* wrapped(const QString& name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

QString percent(double share) {
    return QString::number(share * 100, 'f', 0);
}

/// What the votes say, and whether that is more than chance.
QString sentence(const figure::VoteSummary& summary) {
    if (!summary.share) {
        return VoteDialog::tr("Every vote is a tie: nothing is decided.");
    }
    QString text = VoteDialog::tr("A was better in %1 % of the pairs that are no ties; 95 % Wilson interval %2 to %3 %, if votes are independent.")
                       .arg(percent(*summary.share), percent(summary.interval.low), percent(summary.interval.high));
    if (summary.overPrompts) {
        text +=
            QLatin1Char(' ') +
            VoteDialog::tr("Over the %1 prompts: %2 to %3 %.").arg(summary.prompts).arg(percent(summary.overPrompts->low), percent(summary.overPrompts->high));
    }
    const auto isApart = [](const figure::Interval& interval) { return interval.low > 0.5 || interval.high < 0.5; };
    const bool isShown = isApart(summary.interval) && (!summary.overPrompts || isApart(*summary.overPrompts));
    return text + QStringLiteral("\n\n") +
           (!isShown               ? VoteDialog::tr("Chance explains this: it is not shown that one is better.")
            : *summary.share > 0.5 ? VoteDialog::tr("A is better by more than chance explains.")
                                   : VoteDialog::tr("B is better by more than chance explains."));
}

}  // namespace

VoteDialog::VoteDialog(StoreService& store, VoteSubject subject, QWidget* parent) : QDialog(parent), m_store(store), m_subject(std::move(subject)) {
    setObjectName(QStringLiteral("voteDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Blind vote"));
    m_message = new MessageBar(this);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(makeChoice());
    m_stack->addWidget(makeBallot());
    m_stack->addWidget(makeResult());
    auto* column = new QVBoxLayout(this);
    column->setSpacing(spacing::kMedium);
    column->addWidget(m_message);
    column->addWidget(m_stack, 1);
    resize(kDialogSize);
    for (QPushButton* other : {m_again, m_save}) {
        other->setAutoDefault(false);
    }
    m_start->setDefault(true);  // a dialog takes it up only now
    connectAll();
    const auto rowOf = [this](const run::RunId& id, std::size_t otherwise) {
        const auto at = std::ranges::find(m_subject.runs, id, &VoteSubject::Run::id);
        return static_cast<int>(at == m_subject.runs.end() ? std::min(otherwise, m_subject.runs.size() - 1)
                                                           : static_cast<std::size_t>(at - m_subject.runs.begin()));
    };
    m_sides[0].run->setCurrentIndex(rowOf(m_subject.a, 0));
    m_sides[1].run->setCurrentIndex(rowOf(m_subject.b, 1));
    const bool isOneRun = m_sides[0].run->currentIndex() == m_sides[1].run->currentIndex();
    askForEpochs(m_sides[0], {});
    askForEpochs(m_sides[1], isOneRun ? std::optional<std::size_t>(0) : std::nullopt);  // a run against its own beginning
}

VoteDialog::~VoteDialog() = default;

QPushButton* VoteDialog::makeButton(const QString& name, const QString& text, const QString& tip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::NoFocus);  // keys are votes
    button->setAutoDefault(false);
    return button;
}

QWidget* VoteDialog::makeChoice() {
    auto* page = new QWidget;
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(spacing::kMedium);
    grid->setVerticalSpacing(spacing::kSmall);
    grid->setColumnStretch(1, 1);
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        Side& side = m_sides[i];
        const QString letter = i == 0 ? QStringLiteral("A") : QStringLiteral("B");
        side.run = new QComboBox;
        side.run->setObjectName(QStringLiteral("voteRun") + letter);
        side.run->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        for (const VoteSubject::Run& run : m_subject.runs) {
            side.run->addItem(run.name, QString::fromStdString(run.id));
        }
        side.epoch = new QComboBox;
        side.epoch->setObjectName(QStringLiteral("voteEpoch") + letter);
        side.epoch->setSizeAdjustPolicy(QComboBox::AdjustToContents);  // epochs come when they are read
        side.epoch->setAccessibleName(tr("Epoch of %1").arg(letter));
        auto* label = new QLabel(QLatin1Char('&') + letter);
        label->setBuddy(side.run);
        const int row = static_cast<int>(i);
        grid->addWidget(label, row, 0);
        grid->addWidget(side.run, row, 1);
        grid->addWidget(side.epoch, row, 2);
    }
    auto* what = makeMuted(wrapped(QStringLiteral("voteAbout")));
    what->setText(
        tr("Which images are better? Pairs of the same prompt and noise come in random order, and either may stand left. Which is which is told when all have "
           "a vote."));
    m_note = wrapped(QStringLiteral("voteNote"));
    m_start = makePrimary(new QPushButton(tr("Start")));
    m_start->setObjectName(QStringLiteral("voteStart"));
    auto* column = new QVBoxLayout(page);
    column->setSpacing(spacing::kMedium);
    column->addWidget(makeTitle(new QLabel(tr("Blind vote"))));
    column->addWidget(what);
    column->addLayout(grid);
    column->addWidget(m_note);
    column->addStretch(1);
    column->addWidget(m_start, 0, Qt::AlignRight);
    return page;
}

QWidget* VoteDialog::makeBallot() {
    auto* page = new QWidget;
    m_prompt = makeHeading(wrapped(QStringLiteral("votePrompt")));
    m_pictures = new VotePictures;
    m_left = makeButton(QStringLiteral("voteLeft"), tr("← Left is better"), tr("The left arrow"));
    m_tie = makeButton(QStringLiteral("voteTie"), tr("↓ Neither"), tr("Down, or the space bar"));
    m_right = makeButton(QStringLiteral("voteRight"), tr("Right is better →"), tr("The right arrow"));
    m_undo = makeButton(QStringLiteral("voteUndo"), tr("One back"), tr("Take the last vote back (Backspace)"));
    m_progress = new QProgressBar;
    m_progress->setObjectName(QStringLiteral("voteProgress"));
    m_progress->setTextVisible(false);
    m_count = makeMuted(new QLabel);
    m_count->setObjectName(QStringLiteral("voteCount"));
    auto* votes = new QHBoxLayout;
    votes->setSpacing(spacing::kMedium);
    for (QPushButton* button : {m_left, m_tie, m_right}) {
        votes->addWidget(button, 1);
    }
    auto* foot = new QHBoxLayout;
    foot->setSpacing(spacing::kMedium);
    foot->addWidget(m_progress, 1);
    foot->addWidget(m_count);
    foot->addWidget(m_undo);
    auto* column = new QVBoxLayout(page);
    column->setSpacing(spacing::kMedium);
    column->addWidget(m_prompt);
    column->addWidget(m_pictures, 1);
    column->addLayout(votes);
    column->addLayout(foot);
    return page;
}

QWidget* VoteDialog::makeResult() {
    auto* page = new QWidget;
    m_result = wrapped(QStringLiteral("voteResult"));
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_kept = makeMuted(wrapped(QStringLiteral("voteKept")));
    m_save = new QPushButton(tr("Save table…"));
    m_save->setObjectName(QStringLiteral("voteSave"));
    m_again = new QPushButton(tr("Vote again"));
    m_again->setObjectName(QStringLiteral("voteAgain"));
    m_again->setToolTip(tr("Another round, in another order"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_again);
    buttons->addWidget(m_save);
    auto* column = new QVBoxLayout(page);
    column->setSpacing(spacing::kMedium);
    column->addWidget(makeTitle(new QLabel(tr("Result"))));
    column->addWidget(m_result);
    column->addWidget(m_kept);
    column->addStretch(1);
    column->addLayout(buttons);
    return page;
}

void VoteDialog::connectAll() {
    for (Side& side : m_sides) {
        connect(side.run, &QComboBox::activated, this, [this, &side] { askForEpochs(side, {}); });
        connect(side.epoch, &QComboBox::activated, this, &VoteDialog::askForRound);
    }
    connect(m_start, &QPushButton::clicked, this, &VoteDialog::begin);
    connect(m_left, &QPushButton::clicked, this, [this] { vote(true); });
    connect(m_right, &QPushButton::clicked, this, [this] { vote(false); });
    connect(m_tie, &QPushButton::clicked, this, [this] { vote({}); });
    connect(m_undo, &QPushButton::clicked, this, &VoteDialog::undo);
    connect(m_pictures, &VotePictures::clicked, this, [this](bool isLeft) { vote(isLeft); });
    connect(m_save, &QPushButton::clicked, this, &VoteDialog::save);
    connect(m_again, &QPushButton::clicked, this, [this] {
        m_stack->setCurrentIndex(Choosing);
        askForRound();
    });
}

void VoteDialog::askForEpochs(Side& side, std::optional<std::size_t> wanted) {
    const run::RunId id = side.run->currentData().toString().toStdString();
    m_round.reset();
    m_start->setEnabled(false);
    m_store.readAside(
        this, side.asked.renew(), [id](const store::StoreReader& reader) { return reader.sampleEpochs(id); },
        [this, &side, wanted](const std::vector<std::int64_t>& epochs) {
            side.epoch->clear();
            for (const std::int64_t epoch : epochs) {
                side.epoch->addItem(tr("epoch %1").arg(epoch), QVariant::fromValue(epoch));
            }
            side.epoch->setCurrentIndex(wanted && *wanted < epochs.size() ? static_cast<int>(*wanted) : side.epoch->count() - 1);
            askForRound();
        },
        [this](const QString& text) { m_message->showMessage(MessageLevel::Error, text); });
}

std::optional<figure::VoteSides> VoteDialog::chosen() const {
    const auto side = [](const Side& one) { return figure::VoteSide{one.run->currentData().toString().toStdString(), one.epoch->currentData().toLongLong()}; };
    if (m_sides[0].epoch->count() == 0 || m_sides[1].epoch->count() == 0) {
        return std::nullopt;
    }
    return figure::VoteSides{side(m_sides[0]), side(m_sides[1])};
}

void VoteDialog::askForRound() {
    m_round.reset();
    m_start->setEnabled(false);
    const auto sides = chosen();
    if (!sides) {
        m_note->setText(tr("There are no evaluation images on one of the sides."));
        return;
    }
    if (sides->a == sides->b) {
        m_note->setText(tr("Both sides are the same images: choose another run, or another epoch."));
        return;
    }
    const auto read = [this, sides = *sides, token = m_rounds.renew()] {
        m_store.readAside(
            this, token, [sides, folder = m_subject.folder](const store::StoreReader& reader) { return openRound(reader, sides, folder); },
            [this](VoteRound round) { takeRound(std::move(round)); }, [this](const QString& text) { m_message->showMessage(MessageLevel::Error, text); });
    };
    runInBackground({m_writer, this}, [] {}, read);  // behind the votes that are still being written
}

void VoteDialog::takeRound(VoteRound round) {
    const auto pairs = round.pairs.size(), votes = round.votes.size();
    m_note->setText(pairs == 0   ? tr("They share no prompt with the same noise: nothing can be compared.")
                    : votes > 0  ? tr("%1 of %2 pairs have a vote already; the round goes on there.").arg(votes).arg(pairs)
                    : pairs == 1 ? tr("One pair shares prompt and noise.")
                                 : tr("%1 pairs share prompt and noise.").arg(pairs));
    m_start->setText(votes > 0 ? tr("Go on") : tr("Start"));
    m_start->setEnabled(pairs > 0);
    m_round = std::move(round);
}

void VoteDialog::begin() {
    m_stack->setCurrentIndex(Voting);
    m_stack->currentWidget()->setFocus();
    showPair();
}

void VoteDialog::showPair() {
    if (m_round->isOver()) {
        showResult();
        return;
    }
    m_stack->setCurrentIndex(Voting);
    const figure::VotePair& pair = m_round->pairs[m_round->votes.size()];
    m_prompt->setText(QStringLiteral("“%1”").arg(QString::fromStdString(pair.prompt)));
    m_pictures->setFiles(QString::fromStdString((pair.isALeft ? pair.a : pair.b).string()), QString::fromStdString((pair.isALeft ? pair.b : pair.a).string()));
    if (m_round->votes.size() + 1 < m_round->pairs.size()) {
        const figure::VotePair& next = m_round->pairs[m_round->votes.size() + 1];
        m_pictures->prepare({QString::fromStdString(next.a.string()), QString::fromStdString(next.b.string())});
    }
    m_progress->setRange(0, static_cast<int>(m_round->pairs.size()));
    m_progress->setValue(static_cast<int>(m_round->votes.size()));
    m_count->setText(tr("%1 of %2").arg(m_round->votes.size() + 1).arg(m_round->pairs.size()));
    m_undo->setEnabled(!m_round->votes.empty());
}

/// One for a picture only when both were seen.
void VoteDialog::vote(std::optional<bool> isLeft) {
    if (m_stack->currentIndex() != Voting || !m_pictures->isSettled() || (isLeft && !m_pictures->isWhole())) {
        return;
    }
    const figure::VotePair& pair = m_round->pairs[m_round->votes.size()];
    m_round->votes.push_back({pair.prompt, !isLeft ? figure::Vote::Tie : *isLeft == pair.isALeft ? figure::Vote::A : figure::Vote::B});
    keep();
    showPair();
}

void VoteDialog::undo() {
    if (m_stack->currentIndex() != Choosing && !m_round->votes.empty()) {
        m_round->votes.pop_back();
        keep();
        showPair();
    }
}

void VoteDialog::keep() {
    runInBackground(
        {m_writer, this}, [round = *m_round] { keepVotes(round); }, [] {},
        [this](const QString& text) { m_message->showMessage(MessageLevel::Error, tr("The votes are not kept: %1").arg(text)); });
}

QString VoteDialog::nameOf(const figure::VoteSide& side) const {
    const auto run = std::ranges::find(m_subject.runs, side.run, &VoteSubject::Run::id);
    return tr("%1 at epoch %2").arg(run->name).arg(side.epoch);
}

void VoteDialog::showResult() {
    const figure::VoteSummary summary = figure::summarise(m_round->votes, m_round->number);
    m_result->setText(tr("A, %1: %2\nB, %3: %4\nNeither: %5\n\n%6")
                          .arg(nameOf(m_round->sides.a))
                          .arg(summary.a)
                          .arg(nameOf(m_round->sides.b))
                          .arg(summary.b)
                          .arg(summary.ties)
                          .arg(sentence(summary)));
    m_kept->setText(tr("Kept in %1").arg(QString::fromStdString(m_round->file.string())));
    m_stack->setCurrentIndex(Telling);
}

void VoteDialog::save() {
    const QString name =
        QDir(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)).filePath(QString::fromStdString(m_round->file.filename().string()));
    const QString file = FileDialog::saveFile(this, tr("Save the votes"), name, tr("CSV table (*.csv)"));
    if (file.isEmpty()) {
        return;
    }
    runInBackground(
        {m_writer, this}, [round = *m_round, file] { writeFileAtomically(file.toStdString(), figure::voteTable(round.sides, round.pairs, round.votes)); },
        [this, file] { m_message->showMessage(MessageLevel::Success, tr("Saved %1").arg(QDir::toNativeSeparators(file))); },
        [this](const QString& text) { m_message->showMessage(MessageLevel::Error, text); });
}

void VoteDialog::keyPressEvent(QKeyEvent* event) {
    const bool isVoting = m_stack->currentIndex() == Voting && event->modifiers() == Qt::NoModifier && !event->isAutoRepeat();
    const bool isUndo = event->key() == Qt::Key_Backspace || event->matches(QKeySequence::Undo);
    if (isUndo && !event->isAutoRepeat()) {
        undo();
    } else if (isVoting && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        vote(event->key() == Qt::Key_Left);
    } else if (isVoting && (event->key() == Qt::Key_Down || event->key() == Qt::Key_Space)) {
        vote({});
    } else {
        QDialog::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
