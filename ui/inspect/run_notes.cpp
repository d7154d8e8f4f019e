#include "ui/inspect/run_notes.h"

#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QVBoxLayout>
#include <utility>

#include "core/store/workspace.h"
#include "ui/bridge/undoable_edits.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr int kPauseMs = 1500;

QStringList tagsOf(const QString& typed) {
    QStringList tags;
    for (const QString& part : typed.split(QLatin1Char(','))) {
        if (const QString tag = part.simplified(); !tag.isEmpty() && !tags.contains(tag)) {
            tags << tag;
        }
    }
    return tags;
}

std::vector<std::string> plain(const QStringList& tags) {
    std::vector<std::string> all;
    for (const QString& tag : tags) {
        all.push_back(tag.toStdString());
    }
    return all;
}

}  // namespace

RunNotes::RunNotes(UndoableEdits& edits, QWidget* parent) : QWidget(parent), m_edits(edits) {
    m_tags = new QLineEdit;
    m_tags->setObjectName(QStringLiteral("runTags"));
    m_tags->setPlaceholderText(tr("paper, to repeat"));
    m_tags->setToolTip(tr("Separated by commas; the list of runs finds them with tag:paper"));
    m_notes = new QPlainTextEdit;
    m_notes->setObjectName(QStringLiteral("runNotes"));
    m_notes->setAccessibleName(tr("Notes"));
    m_notes->setPlaceholderText(tr("What this run is for, what was seen"));
    m_notes->setTabChangesFocus(true);
    auto* tagsLabel = makeHeading(new QLabel(tr("&Tags")));
    tagsLabel->setBuddy(m_tags);
    auto* notesLabel = makeHeading(new QLabel(tr("N&otes")));
    notesLabel->setBuddy(m_notes);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kTiny);
    column->addWidget(tagsLabel);
    column->addWidget(m_tags);
    column->addSpacing(spacing::kSmall);
    column->addWidget(notesLabel);
    column->addWidget(m_notes, 1);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &RunNotes::commitNotes);
    connect(m_notes, &QPlainTextEdit::textChanged, &m_pause, qOverload<>(&QTimer::start));
    connect(m_tags, &QLineEdit::editingFinished, this, &RunNotes::commitTags);
    m_notes->installEventFilter(this);
}

void RunNotes::setRun(const store::RunRow& run) {
    const bool isOther = run.id != m_run;
    if (isOther) {
        commit();
    }
    QStringList tags;
    for (const std::string& tag : run.tags) {
        tags << QString::fromStdString(tag);
    }
    const QString notes = QString::fromStdString(run.notes);
    const bool hasNewTags = isOther || tags != m_storedTags, hasNewNotes = isOther || (notes != m_storedNotes && !m_pause.isActive());
    m_run = run.id;
    m_name = oneLine(run.name);
    m_storedTags = tags;
    m_storedNotes = notes;
    if (hasNewTags && tagsOf(m_tags->text()) != tags) {
        m_tags->setText(tags.join(QStringLiteral(", ")));
    }
    if (hasNewNotes && m_notes->toPlainText() != notes) {
        const QSignalBlocker quiet(m_notes);
        m_notes->setPlainText(notes);
    }
}

void RunNotes::setReadOnly(const QString& why) {
    m_tags->setReadOnly(true);
    m_tags->setToolTip(why);
    m_tags->setPlaceholderText(tr("none"));
    m_notes->setReadOnly(true);
    m_notes->setToolTip(why);
    m_notes->setPlaceholderText(tr("none"));
}

void RunNotes::commit() {
    commitTags();
    commitNotes();
}

void RunNotes::commitTags() {
    const QStringList tags = tagsOf(m_tags->text());
    if (m_run.empty() || tags == m_storedTags) {
        return;
    }
    const auto set = [id = m_run](const QStringList& to) { return [id, all = plain(to)](store::StoreEditor& editor) { editor.setTags(id, all); }; };
    m_edits.change(tr("tags of “%1”").arg(m_name), set(tags), set(std::exchange(m_storedTags, tags)));
}

void RunNotes::commitNotes() {
    m_pause.stop();
    const QString notes = m_notes->toPlainText();
    if (m_run.empty() || notes == m_storedNotes) {
        return;
    }
    const auto set = [id = m_run](const QString& to) { return [id, text = to.toStdString()](store::StoreEditor& editor) { editor.setNotes(id, text); }; };
    m_edits.change(tr("notes of “%1”").arg(m_name), set(notes), set(std::exchange(m_storedNotes, notes)));
}

bool RunNotes::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_notes && (event->type() == QEvent::FocusOut || event->type() == QEvent::Hide)) {
        commitNotes();
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace rlcm::ui
