#include "ui/vote/vote_setup.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/vote/vote_words.h"

namespace rlcm::ui {
namespace {

constexpr int kLeastNames = 24;  // letters

QLabel* wrapped(const char* name) {
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

QString noteOf(const VoteOffer& offer) {
    if (!offer.sides) {
        const QString side = !offer.epochs[0].empty() ? QStringLiteral("B") : QStringLiteral("A");
        return offer.epochs[0].empty() && offer.epochs[1].empty() ? VoteSetup::tr("Neither has evaluation images yet.")
                                                                  : VoteSetup::tr("%1 has no evaluation images yet.").arg(side);
    }
    if (!offer.round) {
        return VoteSetup::tr("Both sides are the same images: choose another run, or another epoch.");
    }
    const auto pairs = offer.round->pairs.size(), votes = offer.round->votes.size();
    return pairs == 0   ? VoteSetup::tr("They share no prompt with the same noise: nothing can be compared.")
           : votes > 0  ? VoteSetup::tr("%1 of %2 pairs have a vote already; the round goes on there.").arg(votes).arg(pairs)
           : pairs == 1 ? VoteSetup::tr("One pair shares prompt and noise.")
                        : VoteSetup::tr("%1 pairs share prompt and noise.").arg(pairs);
}

}  // namespace

VoteSetup::VoteSetup(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("voteSetup"));
    build();
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        connect(m_sides[i].run, &QComboBox::activated, this, [this, i] { take(i, false); });
        connect(m_sides[i].epoch, &QComboBox::activated, this, [this, i] { take(i, true); });
    }
    connect(m_start, &QPushButton::clicked, this, &VoteSetup::startRequested);
}

void VoteSetup::build() {
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(spacing::kMedium);
    grid->setVerticalSpacing(spacing::kSmall);
    grid->setColumnStretch(1, 1);
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        const QString letter = i == 0 ? QStringLiteral("A") : QStringLiteral("B");
        Side& side = m_sides[i];
        side.run = new QComboBox;
        side.run->setObjectName(QStringLiteral("voteRun") + letter);
        side.run->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        side.run->setMinimumContentsLength(kLeastNames);
        side.epoch = new QComboBox;
        side.epoch->setObjectName(QStringLiteral("voteEpoch") + letter);
        side.epoch->setSizeAdjustPolicy(QComboBox::AdjustToContents);  // epochs come when they are read
        side.epoch->setAccessibleName(tr("Epoch of %1").arg(letter));
        auto* label = makeHeading(new QLabel(letter));
        side.run->setAccessibleName(tr("Run of %1").arg(letter));
        const int row = static_cast<int>(i);
        grid->addWidget(label, row, 0);
        grid->addWidget(side.run, row, 1);
        grid->addWidget(side.epoch, row, 2);
    }
    QLabel* about = makeMuted(wrapped("voteAbout"));
    about->setText(
        tr("Which images are better? Pairs of the same prompt and noise come in random order, and either may stand left. Which is which is told when all have "
           "a vote."));
    m_note = wrapped("voteNote");
    m_start = makePrimary(new QPushButton(tr("Start")));
    m_start->setObjectName(QStringLiteral("voteStart"));
    auto* foot = new QHBoxLayout;
    foot->setSpacing(spacing::kMedium);
    foot->addWidget(m_note, 1);
    foot->addWidget(m_start, 0, Qt::AlignTop);
    auto* content = new QWidget;
    content->setMaximumWidth(kTextWidth);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(about);
    column->addLayout(grid);
    column->addLayout(foot);
    auto* row = new QHBoxLayout(this);  // what is too wide is hard to read
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(content, 1);
    row->addStretch(0);
}

void VoteSetup::setRuns(const std::vector<Run>& runs) {
    if (runs == m_runs) {
        return;
    }
    m_runs = runs;
    for (const Side& side : m_sides) {
        const QVariant chosen = side.run->currentData();
        side.run->clear();
        for (const Run& run : m_runs) {
            side.run->addItem(run.name, QString::fromStdString(run.id));
        }
        side.run->setCurrentIndex(side.run->findData(chosen));
    }
}

void VoteSetup::setChoice(const std::array<VoteChoice, 2>& choice) {
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        m_sides[i].run->setCurrentIndex(m_sides[i].run->findData(QString::fromStdString(choice[i].run)));
    }
    if (choice != m_choice) {
        m_choice = choice;
        m_start->setEnabled(false);
    }
}

void VoteSetup::setOffer(const VoteOffer& offer) {
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        QComboBox* box = m_sides[i].epoch;
        QVariantList epochs, shown;
        for (const std::int64_t epoch : offer.epochs[i]) {
            epochs << QVariant::fromValue(epoch);
        }
        for (int row = 0; row < box->count(); ++row) {
            shown << box->itemData(row);
        }
        if (epochs != shown) {  // somebody may have the list open
            box->clear();
            for (const QVariant& epoch : epochs) {
                box->addItem(tr("epoch %1").arg(epoch.toLongLong()), epoch);
            }
        }
        if (offer.sides) {
            box->setCurrentIndex(box->findData(QVariant::fromValue(i == 0 ? offer.sides->a.epoch : offer.sides->b.epoch)));
        }
    }
    m_note->setText(noteOf(offer));
    m_start->setText(offer.round && !offer.round->votes.empty() ? tr("Go on") : tr("Start"));
    m_start->setEnabled(offer.round && !offer.round->pairs.empty());
}

void VoteSetup::focusIn() {
    m_sides[0].run->setFocus();
}

/// What the other side shows of itself is chosen with it: it must not change any more with what is selected.
void VoteSetup::take(std::size_t side, bool isEpoch) {
    std::array<VoteChoice, 2> choice = m_choice;
    choice[side] = {.run = m_sides[side].run->currentData().toString().toStdString(), .epoch = {}};
    if (isEpoch) {
        choice[side].epoch = m_sides[side].epoch->currentData().toLongLong();
    }
    Q_EMIT chosen(choice);
}

void VoteSetup::keyPressEvent(QKeyEvent* event) {
    const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isReturn && (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier && m_start->isEnabled()) {
        m_start->click();
    } else {
        QWidget::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
