#include "ui/studies/study_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "core/run/derive.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

enum Column { Cell, Epochs, Queries, Evaluations, Time, Done, kColumns };
constexpr int kMostSeeds = 50, kTitlePad = 26, kCellPad = 20, kLeastCell = 96, kProgressWidth = 64;

QLabel* makeText(const char* name, bool isMuted = false) {
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return isMuted ? makeMuted(label) : label;
}

QTableWidgetItem* numberItem(const QString& text) {
    auto* item = new QTableWidgetItem(text);
    item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return item;
}

}  // namespace

StudyView::StudyView(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, spacing::kMedium, 0);
    layout->setSpacing(spacing::kMedium);
    m_title = makeTitle(makeText("studyTitle"));
    m_question = makeText("studyQuestion");
    m_note = makeText("studyNote", true);
    m_answers = makeText("studyAnswers");
    m_limits = makeText("studyNotes", true);
    m_limitsHeading = makeHeading(new QLabel(tr("What limits the answer")));
    makeTable();
    for (QWidget* widget : std::initializer_list<QWidget*>{m_title, m_question, m_note, makeProgress(), makeAnswersHeading(), m_answers, m_limitsHeading,
                                                           m_limits, makeHeading(new QLabel(tr("Its runs"))), m_table}) {
        layout->addWidget(widget);
    }
    layout->addStretch(1);
    setWidget(content);
}

QWidget* StudyView::makeProgress() {
    auto* row = new QWidget;
    m_progress = new QProgressBar;
    m_progress->setObjectName(QStringLiteral("studyProgress"));
    m_progress->setFixedWidth(kProgressWidth);
    m_progress->setTextVisible(false);
    m_state = makeText("studyState");
    m_seeds = new QSpinBox;
    m_seeds->setObjectName(QStringLiteral("studySeeds"));
    m_seeds->setRange(1, kMostSeeds);
    m_seeds->setKeyboardTracking(false);
    m_seeds->setToolTip(tr("Runs of every kind, each with another seed: answers of fewer than %1 are called uncertain").arg(study::kFewPairs));
    connect(m_seeds, &QSpinBox::valueChanged, this, &StudyView::seedsChosen);
    auto* label = new QLabel(tr("&Seeds"));
    label->setBuddy(m_seeds);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(m_progress);
    layout->addWidget(m_state, 1);
    layout->addWidget(label);
    layout->addWidget(m_seeds);
    return row;
}

QWidget* StudyView::makeAnswersHeading() {
    auto* row = new QWidget;
    m_answersHeading = makeHeading(new QLabel);
    m_answersHeading->setWordWrap(true);
    m_answersHeading->setObjectName(QStringLiteral("studyAnswersHeading"));
    m_record = new QPushButton(tr("Look at these runs"));
    m_record->setObjectName(QStringLiteral("openRecord"));
    m_record->setToolTip(tr("Open the recorded runs: charts, images and settings, to be looked at"));
    m_record->setAutoDefault(false);
    connect(m_record, &QPushButton::clicked, this, &StudyView::recordRequested);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_answersHeading, 1);
    layout->addWidget(m_record);
    return row;
}

void StudyView::makeTable() {
    m_table = new QTableWidget(0, kColumns);
    m_table->setObjectName(QStringLiteral("studyCells"));
    m_table->setHorizontalHeaderLabels({tr("Runs of"), tr("Epochs"), tr("Queries"), tr("Evaluations"), tr("Time"), tr("Done")});
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::NoFocus);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setMinimumSectionSize(1);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    const QStringList tips{tr("What distinguishes them; each with every seed"),
                           tr("Epochs of a run"),
                           tr("Images that the reward is asked about in a run"),
                           tr("Denoiser evaluations of a run"),
                           tr("Forecast for a run on this machine"),
                           tr("Seeds whose run has finished")};
    m_table->horizontalHeader()->setHighlightSections(false);
    for (int column = 0; column < kColumns; ++column) {
        m_table->horizontalHeaderItem(column)->setTextAlignment((column == Cell ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    for (int column = 0; column < kColumns; ++column) {
        m_table->horizontalHeaderItem(column)->setToolTip(tips[column]);
    }
}

void StudyView::setDetail(const StudyDetail& detail) {
    m_title->setText(QString::fromStdString(detail.plan.study.title));
    m_question->setText(QString::fromStdString(detail.plan.study.question));
    m_note->setText(QString::fromStdString(detail.plan.study.note));
    m_note->setVisible(!m_note->text().isEmpty());
    const QSignalBlocker quiet(m_seeds);
    m_seeds->setValue(static_cast<int>(detail.plan.study.seeds));
    showState(detail);
    showAnswers(detail);
    showCells(detail);
}

void StudyView::showState(const StudyDetail& detail) {
    const study::Progress& progress = detail.progress;
    const auto runs = static_cast<int>(detail.plan.runs.size());
    m_progress->setRange(0, runs);
    m_progress->setValue(progress.finished);
    QString text = tr("%1 of %2 runs finished").arg(progress.finished).arg(runs);
    if (progress.failed > 0) {
        text += tr(", %1 failed").arg(progress.failed);
    }
    if (progress.secondsLeft > 0) {
        text += tr(", about %1 of training left").arg(formatDuration(progress.secondsLeft));
    }
    m_state->setText(text);
}

void StudyView::showAnswers(const StudyDetail& detail) {
    QStringList sentences;
    m_record->setVisible(detail.record.has_value());
    m_answersHeading->setText(detail.record ? tr("What %1 runs say that came with the program").arg(detail.record->runs) : tr("What its runs say so far"));
    for (const study::Answer& answer : detail.record ? detail.record->answers : detail.answers) {
        sentences += QStringLiteral("• ") + QString::fromStdString(answer.sentence).replace(QStringLiteral(" %"), QStringLiteral("\u00a0%"));
    }
    m_answers->setText(sentences.isEmpty() ? tr("Nothing yet: none of them has finished.") : sentences.join(QStringLiteral("\n\n")));
    QStringList limits;
    for (const std::string& note : detail.plan.notes) {
        limits += QStringLiteral("• ") + QString::fromStdString(note);
    }
    m_limits->setText(limits.join(QLatin1Char('\n')));
    m_limits->setVisible(!limits.isEmpty());
    m_limitsHeading->setVisible(!limits.isEmpty());
}

void StudyView::showCells(const StudyDetail& detail) {
    std::vector<int> finished(detail.plan.cells.size(), 0);
    for (std::size_t i = 0; i < detail.runs.size(); ++i) {
        finished[detail.plan.runs[i].cell] += detail.runs[i] && detail.runs[i]->state == run::RunState::Finished ? 1 : 0;
    }
    m_table->setRowCount(static_cast<int>(detail.plan.cells.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const study::Cell& cell = detail.plan.cells[static_cast<std::size_t>(row)];
        const run::Estimate estimate = run::estimate(cell.config);
        m_table->setItem(row, Cell, new QTableWidgetItem(QString::fromStdString(cell.name())));
        m_table->setItem(row, Epochs, numberItem(QString::number(cell.config.training.epochs)));
        m_table->setItem(row, Queries, numberItem(formatCount(estimate.derived.rewardQueriesTotal)));
        m_table->setItem(row, Evaluations, numberItem(formatCount(estimate.derived.nominalDenoiserEvaluationsTotal)));
        m_table->setItem(row, Time, numberItem(formatDuration(estimate.seconds)));
        m_table->setItem(row, Done, numberItem(tr("%1 of %2").arg(finished[static_cast<std::size_t>(row)]).arg(detail.plan.study.seeds)));
    }
    fitTable();
}

void StudyView::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    fitTable();
}

/// All its rows are seen, and all its columns where there is room; the page scrolls, not the table.
void StudyView::fitTable() {
    QFont bold = m_table->font();
    bold.setWeight(QFont::DemiBold);
    const QFontMetrics titles(bold), cells(m_table->font());
    int others = 0;
    for (int column = Epochs; column < kColumns; ++column) {
        int width = titles.horizontalAdvance(m_table->horizontalHeaderItem(column)->text()) + kTitlePad;
        for (int row = 0; row < m_table->rowCount(); ++row) {
            width = std::max(width, cells.horizontalAdvance(m_table->item(row, column)->text()) + kCellPad);
        }
        m_table->setColumnWidth(column, width);
        others += width;
    }
    const int room = widget()->width() - spacing::kMedium - 2 * m_table->frameWidth() - others;
    m_table->setColumnWidth(Cell, std::max(kLeastCell, room));
    int height = m_table->horizontalHeader()->sizeHint().height() + 2 * m_table->frameWidth();
    for (int row = 0; row < m_table->rowCount(); ++row) {
        height += m_table->rowHeight(row);
    }
    m_table->setFixedHeight(height + (room < kLeastCell ? m_table->horizontalScrollBar()->sizeHint().height() : 0));
}

}  // namespace rlcm::ui
