// The round that is on the page: voting, its result, keys, files.
#include <QDir>
#include <QKeyEvent>
#include <QStandardPaths>

#include "core/base/files.h"
#include "ui/bridge/store_service.h"
#include "ui/vote/rounds_table.h"
#include "ui/vote/vote_ballot.h"
#include "ui/vote/vote_page.h"
#include "ui/vote/vote_result.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {
namespace {

/// Keys that move the time of other pages.
bool isOfTime(int key) {
    return key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Home || key == Qt::Key_End || key == Qt::Key_Space;
}

}  // namespace

void VotePage::open(VoteRound round) {
    m_questions.renew();  // what is on its way is from before these votes
    m_answer.reset();
    m_canReopen = false;
    m_ballot->setRound(std::move(round));
    m_ballot->round().isOver() ? showResult() : go(Voting);
}

void VotePage::openNext(const figure::VoteSides& sides) {
    const auto read = [this, sides, token = m_questions.renew()] {
        m_store.readAside(
            this, token, [sides, folder = m_folder](const store::StoreReader& reader) { return openRound(reader, sides, folder); },
            [this](VoteRound round) { round.pairs.empty() ? tellError(tr("The images are no longer there.")) : open(std::move(round)); },
            [this](const QString& text) { tellError(text); });
    };
    runInBackground({m_writer, this}, [] {}, read);
}

bool VotePage::canUndo() const {
    return step() == Voting || (step() == Telling && m_canReopen);
}

void VotePage::undo() {
    if (canUndo()) {
        m_ballot->undo();
        go(Voting);
    }
}

void VotePage::keep() {
    runInBackground(
        {m_writer, this}, [round = m_ballot->round()] { keepVotes(round); }, [] {},
        [this](const QString& text) { tellError(tr("The votes are not kept: %1").arg(text)); });
}

void VotePage::showResult() {
    m_result->setRound(m_ballot->round(), [this](const figure::VoteSide& side) { return nameOf(side); }, m_canReopen);
    go(Telling);
}

void VotePage::save() {
    const VoteRound& round = m_ballot->round();
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString file = FileDialog::saveFile(this, tr("Save the votes"), QDir(folder).filePath(QString::fromStdString(round.file.filename().string())),
                                              tr("CSV table (*.csv)"));
    if (file.isEmpty()) {
        return;
    }
    runInBackground(
        {m_writer, this}, [round, file] { writeFileAtomically(file.toStdString(), figure::voteTable(round.sides, round.pairs, round.votes)); },
        [this, file] { m_message->showMessage(MessageLevel::Success, tr("Saved %1").arg(QDir::toNativeSeparators(file))); },
        [this](const QString& text) { tellError(text); });
}

std::optional<ExportSubject> VotePage::exportSubject() const {
    if (step() != Choosing || m_rounds->rounds().empty()) {
        return std::nullopt;
    }
    const QString note = tr("The table of rounds: sides, pairs, votes, and what they say of those that are over.");
    ExportSubject subject{.name = tr("Votes")};
    subject.tables.push_back(
        {.note = note, .suffix = QStringLiteral("csv"), .write = [text = m_rounds->toCsv()](const store::StoreReader&, const std::filesystem::path& file) {
             writeFileAtomically(file, text);
         }});
    subject.words = ExportSubject::Words{.note = note, .table = m_rounds->toTable()};
    return subject;
}

void VotePage::tellError(const QString& text) {
    m_message->showMessage(MessageLevel::Error, text);
}

void VotePage::focusInEvent(QFocusEvent*) {
    switch (step()) {
        case Nothing:
            break;
        case Choosing:
            m_setup->focusIn();
            break;
        case Voting:
            m_ballot->setFocus();
            break;
        case Telling:
            m_result->setFocus();  // on no button: the next key of whoever has just voted must start nothing
    }
}

/// Of whoever votes or has just voted.
bool VotePage::takeKey(int key) {
    if (key == Qt::Key_Backspace && (step() == Voting || step() == Telling)) {
        undo();
        return true;
    }
    return step() == Voting && m_ballot->take(key);
}

/// Wherever the focus is: a vote counts, and the time of the other pages stays.
bool VotePage::timeKey(int key) {
    if (step() == Voting) {
        m_ballot->setFocus();
    }
    return takeKey(key) || (isOfTime(key) && (step() == Voting || step() == Telling));
}

/// Taking a vote back is not the window's undo.
bool VotePage::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Undo) && canUndo()) {
        event->accept();
        return true;
    }
    return Page::event(event);
}

void VotePage::keyPressEvent(QKeyEvent* event) {
    const bool isVote = step() == Voting || step() == Telling;
    if (!isVote || event->isAutoRepeat()) {
        Page::keyPressEvent(event);
    } else if (event->matches(QKeySequence::Undo)) {
        undo();
    } else if (event->key() == Qt::Key_Escape) {
        showSetup();
    } else if (event->modifiers() == Qt::NoModifier ? !takeKey(event->key()) : !isOfTime(event->key())) {
        Page::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
