#include "ui/compare/cursor_table.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/number_text.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr int kSortRole = Qt::UserRole + 1, kHereRole = Qt::UserRole + 2;
constexpr int kCellPadding = 20, kTitlePadding = 30;  ///< of style and style sheet, both sides
constexpr int kLeastName = 96, kMostName = 160, kDot = 16;

/// Dot in a run's colour, as in the legend.
QPixmap dot(const QColor& ink, double ratio) {
    QPixmap pixmap(QSize(12, 12) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(inTheme(ink, isDark()));
    painter.drawEllipse(QRectF(1.5, 1.5, 9, 9));
    return pixmap;
}

/// Rows from elsewhere stand below the others whatever the order: they are no part of the ranking.
class RankedRows : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override {
        const bool isLeftHere = left.data(kHereRole).toBool(), isRightHere = right.data(kHereRole).toBool();
        if (isLeftHere != isRightHere) {
            return sortOrder() == Qt::AscendingOrder ? isLeftHere : isRightHere;
        }
        return QSortFilterProxyModel::lessThan(left, right);
    }
};

}  // namespace

void CursorModel::setRows(std::vector<CursorRow> rows) {
    const bool isSameShape =
        rows.size() == m_rows.size() && std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const auto& a, const auto& b) { return a.id == b.id; });
    if (!isSameShape) {
        beginResetModel();  // otherwise selection and scroll position stay while the cursor moves
    }
    m_rows = std::move(rows);
    if (!isSameShape) {
        endResetModel();
    } else if (!m_rows.empty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
}

void CursorModel::setDeltaOf(DeltaOf what) {
    if (std::exchange(m_deltaOf, what) != what) {
        Q_EMIT headerDataChanged(Qt::Horizontal, Delta, Delta);
    }
}

int CursorModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CursorModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

double CursorModel::number(const CursorRow& row, int column) {
    switch (column) {
        case Raw:
            return row.raw;
        case Smoothed:
            return row.smoothed;
        case Delta:
            return (std::isfinite(row.smoothed) ? row.smoothed : row.raw) - row.against;
        case Best:
            return row.best;
        default:
            return std::numeric_limits<double>::quiet_NaN();
    }
}

QVariant CursorModel::data(const QModelIndex& index, int role) const {
    const CursorRow& row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    const double value = number(row, column);
    switch (role) {
        case Qt::DisplayRole:
            if (column == Name) {
                return row.label;
            }
            if (column == Raw && !row.place.isEmpty()) {
                return tr("%1 @ %2").arg(formatReward(value), row.place);
            }
            if (column == Best && std::isnan(value)) {
                return QStringLiteral("–");
            }
            return column == Delta ? QString::fromStdString(changeText(value, row.against)) : formatReward(value);
        case Qt::DecorationRole:
            return column == Name ? dot(row.colour, qGuiApp->devicePixelRatio()) : QVariant();
        case Qt::TextAlignmentRole:
            return column == Name ? int(Qt::AlignLeft | Qt::AlignVCenter) : int(Qt::AlignRight | Qt::AlignVCenter);
        case Qt::ToolTipRole:
            return column == Name ? row.fullLabel.toHtmlEscaped() : QVariant();
        case Qt::ForegroundRole:
            return row.isHere ? QVariant() : QVariant(rlcm::ui::colour(Role::MutedText));
        case kHereRole:
            return row.isHere;
        case Qt::UserRole:
            return row.id;
        case kSortRole:
            if (column == Name) {
                return row.label;
            }
            return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
        default:
            return {};
    }
}

QVariant CursorModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return section == Name ? int(Qt::AlignLeft | Qt::AlignVCenter) : int(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole && section == Delta) {
        return m_deltaOf == DeltaOf::First ? tr("Change since the curve's first value; with a baseline (B in the list of runs) the difference from it")
                                           : tr("Difference from what the baseline has here");
    }
    if (role == Qt::ToolTipRole && section == Best) {
        return tr("The best value up to here, not smoothed");
    }
    if (role == Qt::ToolTipRole && section == Name) {
        return runColourKey();
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Name:
            return tr("Run");
        case Raw:
            return tr("Raw");
        case Smoothed:
            return tr("Smooth");
        case Best:
            return tr("Best");
        default:
            return m_deltaOf == DeltaOf::First ? tr("Δ first") : tr("Δ base");
    }
}

CursorTable::CursorTable(QWidget* parent)
    : QFrame(parent), m_model(new CursorModel), m_sorted(new RankedRows(this)), m_view(new QTableView(this)), m_heading(new QLabel(this)) {
    makeCard(this);
    makeHeading(m_heading);
    m_model->setParent(this);
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(kSortRole);
    m_view->setObjectName(QStringLiteral("cursorTable"));
    m_view->setAccessibleName(tr("Values at the cursor"));
    m_view->setModel(m_sorted);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(CursorModel::Smoothed, Qt::DescendingOrder);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setShowGrid(false);
    m_view->setAlternatingRowColors(true);
    makePlain(m_view);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setWordWrap(false);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 12);
    QHeaderView* header = m_view->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setSectionResizeMode(CursorModel::Name, QHeaderView::Stretch);
    header->setHighlightSections(false);

    auto* copyButton = new QToolButton(this);
    copyButton->setObjectName(QStringLiteral("copyTable"));
    copyButton->setIcon(icon(Icon::Copy));
    copyButton->setToolTip(tr("Copy as a table for a spreadsheet (Ctrl+C)"));
    copyButton->setAccessibleName(tr("Copy table"));
    auto* head = new QHBoxLayout;
    head->addWidget(m_heading, 1);
    head->addWidget(copyButton);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    column->setSpacing(spacing::kTiny);
    column->addLayout(head);
    column->addWidget(m_view, 1);
    setMinimumWidth(280);

    auto* shortcut = new QShortcut(QKeySequence::Copy, this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, &CursorTable::copy);
    auto* unselect = new QShortcut(Qt::Key_Escape, m_view);
    unselect->setContext(Qt::WidgetShortcut);
    connect(unselect, &QShortcut::activated, m_view, &QTableView::clearSelection);
    connect(copyButton, &QToolButton::clicked, this, &CursorTable::copy);
    connect(m_view, &QTableView::activated, this, [this](const QModelIndex& at) { Q_EMIT activated(at.data(Qt::UserRole).toString()); });
    m_view->setMouseTracking(true);
    m_view->viewport()->installEventFilter(this);
    connect(m_view, &QTableView::entered, this, &CursorTable::point);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] { point({}); });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] { point({}); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, m_view->viewport(), qOverload<>(&QWidget::update));
}

void CursorTable::setHeading(const QString& text) {
    m_heading->setText(text);
}

void CursorTable::setRows(std::vector<CursorRow> rows) {
    m_model->setRows(std::move(rows));
    fitColumns();
}

/// Numbers are never cut, because half a number is a wrong number; names take the rest.
void CursorTable::fitColumns() {
    QHeaderView* header = m_view->horizontalHeader();
    QFont bold = header->font();
    bold.setWeight(QFont::DemiBold);
    int numbers = 0, raw = 0, best = 0;
    for (int column : {CursorModel::Raw, CursorModel::Smoothed, CursorModel::Delta, CursorModel::Best}) {
        const QString title = m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        int width = QFontMetrics(bold).horizontalAdvance(title) + kTitlePadding;
        for (int row = 0; row < m_model->rowCount(); ++row) {
            width = std::max(width, fontMetrics().horizontalAdvance(m_model->index(row, column).data().toString()) + kCellPadding);
        }
        header->resizeSection(column, width);
        numbers += width;
        raw = column == CursorModel::Raw ? width : raw;
        best = column == CursorModel::Best ? width : best;
    }
    int name = kLeastName;
    for (const CursorRow& row : m_model->rows()) {
        name = std::clamp(fontMetrics().horizontalAdvance(row.label) + kDot + kCellPadding, name, kMostName);
    }
    // The smoothed value is the one that is ranked; the others are in what is copied.
    const int room = m_view->viewport()->width() - name;
    header->setSectionHidden(CursorModel::Best, room < numbers);
    header->setSectionHidden(CursorModel::Raw, room < numbers - best);
    header->setSectionHidden(CursorModel::Delta, room < numbers - best - raw);
}

void CursorTable::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitColumns();
}

bool CursorTable::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Leave) {
        point({});
    }
    return QFrame::eventFilter(watched, event);
}

void CursorTable::point(const QModelIndex& under) {
    QStringList ids;
    for (const QModelIndex& row : m_view->selectionModel()->selectedRows()) {
        ids << row.data(Qt::UserRole).toString();
    }
    if (ids.isEmpty() && under.isValid()) {
        ids << under.data(Qt::UserRole).toString();
    }
    Q_EMIT pointed(ids);
}

QString CursorTable::toTsv() const {
    QStringList lines{QStringLiteral("run\tx\traw\tsmoothed\tdelta\tbest")};
    const QItemSelectionModel* selection = m_view->selectionModel();
    for (int i = 0; i < m_sorted->rowCount(); ++i) {
        const QModelIndex at = m_sorted->index(i, 0);
        if (selection->hasSelection() && !selection->isRowSelected(i)) {
            continue;
        }
        const CursorRow& row = m_model->rows()[static_cast<std::size_t>(m_sorted->mapToSource(at).row())];
        QString name = row.fullLabel;
        name.replace(QLatin1Char('\t'), QLatin1Char(' '));
        lines << QStringList{name,
                             QString::number(row.x, 'g', 12),
                             QString::number(row.raw, 'g', 12),
                             QString::number(row.smoothed, 'g', 12),
                             QString::number(CursorModel::number(row, CursorModel::Delta), 'g', 12),
                             QString::number(row.best, 'g', 12)}
                     .join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

figure::TextTable CursorTable::toTable() const {
    figure::TextTable table{
        .heads = {"Run", "Raw", "Smoothed", m_model->headerData(CursorModel::Delta, Qt::Horizontal, Qt::DisplayRole).toString().toStdString(), "Best"}};
    for (int i = 0; i < m_sorted->rowCount(); ++i) {
        const CursorRow& row = m_model->rows()[static_cast<std::size_t>(m_sorted->mapToSource(m_sorted->index(i, 0)).row())];
        std::vector<std::string> cells{row.fullLabel.toStdString()};
        for (const int column : {CursorModel::Raw, CursorModel::Smoothed, CursorModel::Delta, CursorModel::Best}) {
            cells.push_back(m_sorted->index(i, column).data().toString().toStdString());
        }
        table.rows.push_back(std::move(cells));
    }
    table.caption = m_heading->text().toStdString();
    return table;
}

void CursorTable::copy() const {
    QGuiApplication::clipboard()->setText(toTsv());
}

}  // namespace rlcm::ui
