#include "ui/vote/rounds_table.h"

#include <QHeaderView>
#include <QLabel>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/figure/csv.h"
#include "ui/theme/theme.h"
#include "ui/view/table_copy.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

enum Column { A, B, Votes, Share, State, kColumns };
constexpr int kTitlePad = 32, kCellPad = 24;

QString stateText(const VoteRound& round) {
    return !round.hasImages ? RoundsTable::tr("images gone") : round.isOver() ? RoundsTable::tr("over") : RoundsTable::tr("goes on");
}

QString stateTip(const VoteRound& round) {
    return !round.hasImages ? RoundsTable::tr("The images that were voted about are no longer there; what was voted is")
           : round.isOver() ? RoundsTable::tr("Every pair has a vote. Enter or a double click shows the result")
                            : RoundsTable::tr("Enter or a double click goes on with the pairs that have no vote yet");
}

/// An open round tells nothing of what its votes say: whoever goes on with it votes blindly.
QStringList textsOf(const KeptRound& kept, const SideName& nameOf) {
    const VoteRound& round = kept.round;
    const QString votes = QString::number(round.votes.size());
    return {nameOf(round.sides.a), nameOf(round.sides.b), round.hasImages ? RoundsTable::tr("%1 of %2").arg(votes).arg(round.pairs.size()) : votes,
            round.isOver() && kept.tally.share ? QStringLiteral("%1 (%2)").arg(shareText(kept.tally), intervalText(kept.tally)) : QStringLiteral("–"),
            stateText(round)};
}

}  // namespace

RoundsTable::RoundsTable(QWidget* parent) : QFrame(parent) {
    makeCard(this);
    makeView();
    auto* none = makeMuted(new QLabel(tr("No round has been begun in this workspace.")));
    none->setObjectName(QStringLiteral("noRounds"));
    none->setAlignment(Qt::AlignCenter);
    none->setWordWrap(true);
    m_stack = new QStackedWidget;
    m_stack->addWidget(none);
    m_stack->addWidget(m_view);
    auto* copyButton = makeCopyButton(this, "copyRounds", {.tsv = [this] { return toTsv(); }, .people = [this] { return toTable(); }});
    auto* head = new QHBoxLayout;
    head->addWidget(makeHeading(new QLabel(tr("Rounds"))), 1);
    head->addWidget(copyButton);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    column->setSpacing(spacing::kTiny);
    column->addLayout(head);
    column->addWidget(m_stack, 1);
}

void RoundsTable::makeView() {
    m_model = new QStandardItemModel(0, kColumns, this);
    m_model->setHorizontalHeaderLabels({tr("A"), tr("B"), tr("Votes"), tr("A better"), tr("State")});
    m_model->setHeaderData(Share, Qt::Horizontal, tr("Share of A among the votes that are no ties, with its 95 % Wilson interval; told when the round is over"),
                           Qt::ToolTipRole);
    for (int column = 0; column < kColumns; ++column) {
        const bool isNumber = column == Votes || column == Share;
        m_model->setHeaderData(column, Qt::Horizontal, int((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter), Qt::TextAlignmentRole);
    }
    m_view = new QTableView;
    m_view->setObjectName(QStringLiteral("roundsTable"));
    m_view->setAccessibleName(tr("Rounds"));
    m_view->setModel(m_model);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setTabKeyNavigation(false);
    m_view->setShowGrid(false);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    makePlain(m_view);
    m_view->verticalHeader()->hide();
    QHeaderView* header = m_view->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setSectionResizeMode(A, QHeaderView::Stretch);  // names take more lines, numbers are whole
    header->setSectionResizeMode(B, QHeaderView::Stretch);
    header->setHighlightSections(false);
    connect(header, &QHeaderView::sectionResized, m_view, &QTableView::resizeRowsToContents);
    connect(m_view, &QTableView::activated, this, [this](const QModelIndex& at) { Q_EMIT opened(static_cast<std::size_t>(at.row())); });
}

void RoundsTable::setRounds(const std::vector<KeptRound>& rounds, const SideName& nameOf, const SideName& briefNameOf) {
    const int selected = m_view->currentIndex().row();
    const std::filesystem::path file = selected >= 0 ? m_rounds[static_cast<std::size_t>(selected)].round.file : std::filesystem::path();
    m_rounds = rounds;
    std::vector<QStringList> texts, briefTexts;
    for (const KeptRound& kept : m_rounds) {
        texts.push_back(textsOf(kept, nameOf));
        briefTexts.push_back(textsOf(kept, briefNameOf));
    }
    m_stack->setCurrentIndex(m_rounds.empty() ? 0 : 1);
    if (texts == m_texts && briefTexts == m_briefTexts) {
        return;
    }
    m_texts = std::move(texts);
    m_briefTexts = std::move(briefTexts);
    m_model->setRowCount(static_cast<int>(m_rounds.size()));
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const VoteRound& round = m_rounds[static_cast<std::size_t>(row)].round;
        for (int column = 0; column < kColumns; ++column) {
            const QModelIndex at = m_model->index(row, column);
            m_model->setData(at, m_briefTexts[static_cast<std::size_t>(row)][column], Qt::DisplayRole);
            m_model->setData(at, column <= B ? plainToolTip(m_texts[static_cast<std::size_t>(row)][column]) : stateTip(round), Qt::ToolTipRole);
            m_model->setData(at, m_model->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole), Qt::TextAlignmentRole);
        }
        if (round.file == file) {
            m_view->selectRow(row);
        }
    }
    fitColumns();
}

void RoundsTable::fitColumns() {
    QHeaderView* header = m_view->horizontalHeader();
    QFont bold = header->font();
    bold.setWeight(QFont::DemiBold);
    for (int column = Votes; column < kColumns; ++column) {
        int width = QFontMetrics(bold).horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString()) + kTitlePad;
        for (const QStringList& texts : m_texts) {
            width = std::max(width, fontMetrics().horizontalAdvance(texts[column]) + kCellPad);
        }
        header->resizeSection(column, width);
    }
    m_view->resizeRowsToContents();
}

figure::TextTable RoundsTable::toTable() const {
    figure::TextTable table{.heads = {},
                            .rows = {},
                            .caption = tr("Blind votes: share of A among the votes that are no ties, with its 95 % Wilson interval.").toStdString(),
                            .wordColumns = 2};
    for (int column = 0; column < kColumns; ++column) {
        table.heads.push_back(m_model->headerData(column, Qt::Horizontal).toString().toStdString());
    }
    for (const QStringList& texts : m_texts) {
        std::vector<std::string> cells;
        for (const QString& text : texts) {
            cells.push_back(text.toStdString());
        }
        table.rows.push_back(std::move(cells));
    }
    return table;
}

std::vector<std::vector<std::string>> RoundsTable::exactCells() const {
    std::vector<std::vector<std::string>> cells{{"a", "b", "round", "pairs", "votes", "for_a", "for_b", "ties", "share_of_a", "low", "high", "over"}};
    for (const auto& [round, tally] : m_rounds) {
        const bool tells = round.isOver();
        const auto told = [tells](const std::string& text) { return tells ? text : std::string(); };
        const auto share = [&](double value) { return told(tally.share ? figure::exactText(value) : std::string()); };
        cells.push_back({round.sides.a.name(), round.sides.b.name(), std::to_string(round.number), round.hasImages ? std::to_string(round.pairs.size()) : "",
                         std::to_string(round.votes.size()), told(std::to_string(tally.a)), told(std::to_string(tally.b)), told(std::to_string(tally.ties)),
                         share(tally.share.value_or(0)), share(tally.interval.low), share(tally.interval.high), tells ? "yes" : "no"});
    }
    return cells;
}

std::string RoundsTable::toCsv() const {
    figure::CsvTable table;
    for (const std::vector<std::string>& row : exactCells()) {
        for (const std::string& cell : row) {
            table.cell(cell);
        }
        table.endRow();
    }
    return table.text();
}

std::string RoundsTable::toTsv() const {
    std::string text;
    for (const std::vector<std::string>& row : exactCells()) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += (i > 0 ? "\t" : "") + row[i];
        }
        text += '\n';
    }
    return text;
}

}  // namespace rlcm::ui
