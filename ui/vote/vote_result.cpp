#include "ui/vote/vote_result.h"

#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/theme.h"
#include "ui/vote/share_bar.h"

namespace rlcm::ui {
namespace {

QLabel* makeText(const char* name) {
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

/// Wrapped text is never cut: where it has no room the page scrolls.
void keepWhole(QLabel* label) {
    label->setMinimumHeight(std::max(0, label->heightForWidth(label->width())));  // negative: it has no text yet
}

}  // namespace

VoteResult::VoteResult(QWidget* parent) : QWidget(parent) {
    m_result = makeText("voteResult");
    m_share = new ShareBar;
    m_kept = makeMuted(makeText("voteKept"));
    auto* close = makeButton(QStringLiteral("voteRounds"), tr("All rounds"), tr("To the choice of images and the table of rounds (Esc)"));
    connect(close, &QPushButton::clicked, this, &VoteResult::closed);
    m_reopen = makeButton(QStringLiteral("voteReopen"), tr("One back"), tr("Take the last vote back (Backspace)"));
    connect(m_reopen, &QPushButton::clicked, this, &VoteResult::reopenRequested);
    m_save = makeButton(QStringLiteral("voteSave"), tr("Save table…"), tr("Every vote, as CSV"));
    connect(m_save, &QPushButton::clicked, this, &VoteResult::saveRequested);
    m_again = makePrimary(makeButton(QStringLiteral("voteAgain"), tr("Vote again"), tr("Another round, in another order")));
    connect(m_again, &QPushButton::clicked, this, &VoteResult::againRequested);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::kSmall);
    buttons->addWidget(close);
    buttons->addWidget(m_reopen);
    buttons->addStretch(1);
    buttons->addWidget(m_save);
    buttons->addWidget(m_again);
    auto* card = makeCard(new QFrame);
    auto* words = new QVBoxLayout(card);
    words->setContentsMargins(spacing::kLarge, spacing::kLarge, spacing::kLarge, spacing::kLarge);
    words->setSpacing(spacing::kMedium);
    words->addWidget(m_result);
    words->addWidget(m_share);
    auto* content = new QWidget;
    content->setMaximumWidth(kTextWidth);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(card);
    column->addWidget(m_kept);
    column->addLayout(buttons);
    column->addStretch(1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(content, 1);
    row->addStretch(0);
}

QPushButton* VoteResult::makeButton(const QString& name, const QString& text, const QString& tip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setAutoDefault(false);
    return button;
}

void VoteResult::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    keepWhole(m_result);
}

void VoteResult::setRound(const VoteRound& round, const SideName& nameOf, bool canReopen) {
    const figure::VoteSummary summary = figure::summarise(round.votes, round.number);
    m_result->setText(tr("A, %1: %2\nB, %3: %4\nNeither: %5\n\n%6")
                          .arg(nameOf(round.sides.a), QString::number(summary.a), nameOf(round.sides.b), QString::number(summary.b),
                               QString::number(summary.ties), verdict(summary)));
    keepWhole(m_result);
    m_share->setTally(summary);
    m_kept->setText(tr("Kept in %1").arg(QDir::toNativeSeparators(QString::fromStdString(round.file.string()))));
    m_again->setEnabled(round.hasImages);
    m_again->setToolTip(round.hasImages ? tr("Another round, in another order") : tr("The images that were voted about are no longer there"));
    m_reopen->setVisible(canReopen);
}

}  // namespace rlcm::ui
