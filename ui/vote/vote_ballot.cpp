#include "ui/vote/vote_ballot.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/theme.h"
#include "ui/vote/vote_pictures.h"

namespace rlcm::ui {

VoteBallot::VoteBallot(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("voteBallot"));
    setFocusPolicy(Qt::StrongFocus);
    build();
    connect(m_left, &QPushButton::clicked, this, [this] { vote(true); });
    connect(m_right, &QPushButton::clicked, this, [this] { vote(false); });
    connect(m_tie, &QPushButton::clicked, this, [this] { vote({}); });
    connect(m_undo, &QPushButton::clicked, this, &VoteBallot::undo);
    connect(m_later, &QPushButton::clicked, this, &VoteBallot::postponed);
    connect(m_pictures, &VotePictures::clicked, this, [this](bool isLeft) { vote(isLeft); });
}

QPushButton* VoteBallot::makeButton(const QString& name, const QString& text, const QString& tip) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::NoFocus);  // keys are votes
    return button;
}

void VoteBallot::build() {
    m_prompt = makeHeading(new QLabel);
    m_prompt->setObjectName(QStringLiteral("votePrompt"));
    m_prompt->setTextFormat(Qt::PlainText);
    m_prompt->setWordWrap(true);
    m_prompt->setAlignment(Qt::AlignHCenter);
    m_pictures = new VotePictures;
    m_left = makeButton(QStringLiteral("voteLeft"), tr("← Left is better"), tr("The left arrow"));
    m_tie = makeButton(QStringLiteral("voteTie"), tr("↓ Neither"), tr("Down, or the space bar"));
    m_right = makeButton(QStringLiteral("voteRight"), tr("Right is better →"), tr("The right arrow"));
    m_undo = makeButton(QStringLiteral("voteUndo"), tr("One back"), tr("Take the last vote back (Backspace)"));
    m_later = makeButton(QStringLiteral("voteLater"), tr("Later"), tr("Leave the round; it goes on where it was left (Esc)"));
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
    foot->addWidget(m_later);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(m_prompt);
    column->addWidget(m_pictures, 1);
    column->addLayout(votes);
    column->addLayout(foot);
}

void VoteBallot::setRound(VoteRound round) {
    m_round = std::move(round);
    showPair();
}

bool VoteBallot::isSettled() const {
    return m_pictures->isSettled();
}

void VoteBallot::showPair() {
    if (m_round.isOver()) {
        return;
    }
    const std::size_t done = m_round.votes.size();
    const figure::VotePair& pair = m_round.pairs[done];
    const auto file = [](const std::filesystem::path& path) { return QString::fromStdString(path.string()); };
    m_prompt->setText(QStringLiteral("“%1”").arg(QString::fromStdString(pair.prompt)));
    m_pictures->setFiles(file(pair.isALeft ? pair.a : pair.b), file(pair.isALeft ? pair.b : pair.a));
    if (done + 1 < m_round.pairs.size()) {
        const figure::VotePair& next = m_round.pairs[done + 1];
        m_pictures->prepare({file(next.a), file(next.b)});
    }
    m_progress->setRange(0, static_cast<int>(m_round.pairs.size()));
    m_progress->setValue(static_cast<int>(done));
    m_count->setText(tr("%1 of %2").arg(done + 1).arg(m_round.pairs.size()));
    m_undo->setEnabled(done > 0);
}

/// One for a picture only when both were seen.
void VoteBallot::vote(std::optional<bool> isLeft) {
    if (m_round.isOver() || !m_pictures->isSettled() || (isLeft && !m_pictures->isWhole())) {
        return;
    }
    const figure::VotePair& pair = m_round.pairs[m_round.votes.size()];
    m_round.votes.push_back({pair.prompt, !isLeft ? figure::Vote::Tie : *isLeft == pair.isALeft ? figure::Vote::A : figure::Vote::B});
    showPair();
    Q_EMIT voted();
}

void VoteBallot::undo() {
    if (m_round.hasImages && !m_round.votes.empty()) {
        m_round.votes.pop_back();
        showPair();
        Q_EMIT voted();
    }
}

bool VoteBallot::take(int key) {
    switch (key) {
        case Qt::Key_Left:
        case Qt::Key_Right:
            vote(key == Qt::Key_Left);
            return true;
        case Qt::Key_Down:
        case Qt::Key_Space:
            vote({});
            return true;
        default:
            return false;
    }
}

void VoteBallot::keyPressEvent(QKeyEvent* event) {
    const bool isPlain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    // A key that is held is one vote, and none of the window's either.
    if (!isPlain || !(event->isAutoRepeat() || take(event->key()))) {
        QWidget::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
