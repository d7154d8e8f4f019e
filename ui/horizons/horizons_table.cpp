#include "ui/horizons/horizons_table.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStandardItemModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/theme.h"
#include "ui/view/table_copy.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

enum Column { Method, Horizon, Evaluations, Milliseconds, Value, Seeds, Front, kColumns };
constexpr int kTitlePad = 16, kCellPad = 20, kMarkWidth = 26;

QIcon markOf(const figure::HorizonRow& row) {
    QPixmap pixmap(20, 20);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor ink = runColour(row.group.colour);
    painter.setPen(QPen(ink, 2.5));
    painter.setBrush(row.value.hasEnded ? QBrush(Qt::transparent) : QBrush(ink));
    if (row.group.method == run::Method::Ddpo) {
        painter.drawPolygon(QPolygonF{{10, 3}, {17, 10}, {10, 17}, {3, 10}});
    } else {
        painter.drawEllipse(QPointF(10, 10), 6, 6);
    }
    return QIcon(pixmap);
}

}  // namespace

HorizonsTable::HorizonsTable(QWidget* parent) : QFrame(parent) {
    makeCard(this);
    m_heading = makeHeading(new QLabel(this));
    m_note = makeMuted(new QLabel(this));
    m_note->setObjectName(QStringLiteral("timingNote"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    makeView();
    auto* copyButton = makeCopyButton(
        this, "copyHorizons", {.tsv = [this] { return figure::horizonTsv(m_rows); }, .people = [this] { return figure::horizonTable(m_rows, m_caption); }});
    auto* head = new QHBoxLayout;
    head->addWidget(m_heading, 1);
    head->addWidget(copyButton);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    column->setSpacing(spacing::kTiny);
    column->addLayout(head);
    column->addWidget(m_view, 1);
    column->addWidget(m_note);
    setMinimumWidth(240);
}

void HorizonsTable::makeView() {
    m_model = new QStandardItemModel(0, kColumns, this);
    m_model->setHorizontalHeaderLabels({tr("Method"), tr("H"), tr("NFE"), tr("ms"), tr("Value"), tr("n"), tr("Front")});
    const auto tip = [this](int column, const QString& text) { m_model->setHeaderData(column, Qt::Horizontal, text, Qt::ToolTipRole); };
    tip(Horizon, tr("Horizon: denoiser steps of an image"));
    tip(Evaluations, tr("Denoiser evaluations of an image; guidance by doubling counts twice"));
    tip(Milliseconds, tr("Measured time of an image in milliseconds, decoding included: median"));
    tip(Seeds, tr("Seeds behind the value"));
    tip(Front, tr("No other horizon is worth as much at no more cost"));
    for (int column = Horizon; column < kColumns; ++column) {
        m_model->setHeaderData(column, Qt::Horizontal, int(column == Front ? Qt::AlignCenter : Qt::AlignRight | Qt::AlignVCenter), Qt::TextAlignmentRole);
    }
    m_model->setHeaderData(Method, Qt::Horizontal, int(Qt::AlignLeft | Qt::AlignVCenter), Qt::TextAlignmentRole);
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("horizonsTable"));
    m_view->setAccessibleName(tr("Horizons"));
    m_view->setModel(m_model);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setShowGrid(false);
    m_view->setMouseTracking(true);
    m_view->setWordWrap(false);
    makePlain(m_view);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 12);
    QHeaderView* header = m_view->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setMinimumSectionSize(20);
    header->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 6px 4px; }"));
    header->setHighlightSections(false);
    const auto idAt = [this](const QModelIndex& at) { return QString::fromStdString(m_rows[static_cast<std::size_t>(at.row())].group.id); };
    connect(m_view, &QTableView::entered, this, [this, idAt](const QModelIndex& at) { Q_EMIT hovered(idAt(at)); });
    connect(m_view, &QTableView::clicked, this, [this, idAt](const QModelIndex& at) { Q_EMIT picked(idAt(at)); });
    connect(m_view, &QTableView::doubleClicked, this, [this, idAt](const QModelIndex& at) { Q_EMIT opened(idAt(at)); });
    m_view->viewport()->installEventFilter(this);
}

bool HorizonsTable::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Leave) {
        Q_EMIT hovered({});
    }
    return QFrame::eventFilter(watched, event);
}

void HorizonsTable::setRows(const std::vector<figure::HorizonRow>& rows, const figure::HorizonCaption& caption,
                            const std::function<QString(double)>& placeText) {
    m_rows = rows;
    m_caption = caption;
    m_model->setRowCount(static_cast<int>(rows.size()));
    for (int row = 0; row < m_model->rowCount(); ++row) {
        setRow(row, rows[static_cast<std::size_t>(row)], placeText);
    }
    m_view->setColumnHidden(Milliseconds, std::ranges::none_of(rows, [](const figure::HorizonRow& row) { return row.time.has_value(); }));
    fitColumns();
}

void HorizonsTable::setRow(int row, const figure::HorizonRow& what, const std::function<QString(double)>& placeText) {
    QString value = QString::fromStdString(figure::valueWithBand(what.value));
    if (what.value.hasEnded) {
        value += tr(" @ %1").arg(placeText(what.value.at));
    }
    const QStringList texts{QString::fromStdString(figure::methodText(what)),
                            QString::number(what.group.steps),
                            QString::number(what.group.denoiserEvaluations),
                            what.time ? formatReward(what.time->medianMs) : QStringLiteral("–"),
                            value,
                            QString::number(what.value.runs),
                            what.isOnFront ? QStringLiteral("●") : QString()};
    for (int column = 0; column < kColumns; ++column) {
        const QModelIndex at = m_model->index(row, column);
        m_model->setData(at, texts[column], Qt::DisplayRole);
        m_model->setData(at,
                         column == Method  ? int(Qt::AlignLeft | Qt::AlignVCenter)
                         : column == Front ? int(Qt::AlignCenter)
                                           : int(Qt::AlignRight | Qt::AlignVCenter),
                         Qt::TextAlignmentRole);
        m_model->setData(at, what.value.hasEnded ? QVariant(colour(Role::MutedText)) : QVariant(), Qt::ForegroundRole);
        m_model->setData(at, plainToolTip(QString::fromStdString(what.group.label)), Qt::ToolTipRole);
    }
    m_model->setData(m_model->index(row, Method), markOf(what), Qt::DecorationRole);
}

/// Nothing is cut: half a number is a wrong number.
void HorizonsTable::fitColumns() {
    QHeaderView* header = m_view->horizontalHeader();
    QFont bold = header->font();
    bold.setWeight(QFont::DemiBold);
    for (int column = 0; column < kColumns; ++column) {
        int width = QFontMetrics(bold).horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString()) + kTitlePad;
        for (int row = 0; row < m_model->rowCount(); ++row) {
            width = std::max(width,
                             fontMetrics().horizontalAdvance(m_model->index(row, column).data().toString()) + kCellPad + (column == Method ? kMarkWidth : 0));
        }
        header->resizeSection(column, width);
    }
}

void HorizonsTable::setHeading(const QString& text, const QString& interval) {
    m_heading->setText(text);
    m_model->setHeaderData(Value, Qt::Horizontal, tr("Mean of the seeds, and behind it: %1").arg(interval), Qt::ToolTipRole);
}

void HorizonsTable::setNote(const QString& text, bool isWarning) {
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
    QPalette palette = m_note->palette();
    palette.setColor(QPalette::WindowText, colour(isWarning ? Role::Warning : Role::MutedText));
    m_note->setPalette(palette);
}

void HorizonsTable::setHighlight(const QString& id) {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const figure::HorizonRow& row) { return row.group.id == id.toStdString(); });
    found == m_rows.end() ? m_view->clearSelection() : m_view->selectRow(static_cast<int>(found - m_rows.begin()));
}

}  // namespace rlcm::ui
