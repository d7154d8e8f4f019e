#include "ui/grid/pivot_view.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/gallery/image_menu.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/short_names.h"

namespace rlcm::ui {

using figure::PivotAxis;
using figure::PivotCell;
using figure::PivotSlot;

namespace {

constexpr int kBorder = 3;  // of heat, around an image
constexpr int kSpace = 6;   // between cells
constexpr int kWidestHeader = 170, kNarrowestHeader = 56;
constexpr int kDecodedMs = 10;  // images that come together are painted together

}  // namespace

PivotView::PivotView(QWidget* parent) : QAbstractScrollArea(parent) {
    setObjectName(QStringLiteral("pivotView"));
    setAccessibleName(tr("Images in rows and columns"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    m_decodedSoon.setSingleShot(true);
    m_decodedSoon.setInterval(kDecodedMs);
    connect(&m_cache, &ThumbnailCache::ready, this, [this](const QString& file) {
        m_decoded.insert(file);
        if (!m_decodedSoon.isActive()) {
            m_decodedSoon.start();
        }
    });
    connect(&m_decodedSoon, &QTimer::timeout, this, &PivotView::takeDecoded);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, viewport(), qOverload<>(&QWidget::update));
}

void PivotView::setGrid(figure::PivotGrid grid, int page) {
    m_grid = std::move(grid);
    m_page = page;
    m_summary = m_grid.summary(page);
    std::vector<QString> names;
    for (const auto& run : m_grid.images().runs()) {
        names.push_back(oneLine(run->run.name));
    }
    m_runNames = shortNames(names);
    m_stored = 0;
    for (const auto& run : m_grid.images().runs()) {
        if (!run->samples.empty()) {
            m_stored = std::max(run->samples.front().width, run->samples.front().height);
            break;
        }
    }
    m_order = m_grid.rowOrder(m_summary);
    if (!has(m_current)) {
        m_current = {};
    }
    m_cache.dropPending();
    layOut();
    viewport()->update();
    setAccessibleDescription(has(m_current) ? describe(m_current) : tr("%1 rows, %2 columns").arg(rows()).arg(columns()));
    Q_EMIT currentChanged();
}

void PivotView::setLook(const Look& look) {
    if (look == m_look) {
        return;
    }
    // What stands in the corner stays there.
    const double down = verticalScrollBar()->value() / static_cast<double>(cellHeight()),
                 right = horizontalScrollBar()->value() / static_cast<double>(cellWidth());
    m_look = look;
    layOut();
    verticalScrollBar()->setValue(static_cast<int>(std::lround(down * cellHeight())));
    horizontalScrollBar()->setValue(static_cast<int>(std::lround(right * cellWidth())));
    viewport()->update();
}

void PivotView::setEpoch(std::int64_t epoch) {
    if (epoch != m_epoch) {
        m_epoch = epoch;
        viewport()->update();
    }
}

void PivotView::setMarks(const QString& a, const QString& b) {
    m_fileA = a;
    m_fileB = b;
    viewport()->update();
}

// --- geometry
// -----------------------------------------------------------------------------------------------------------

int PivotView::cellWidth() const {
    return m_side + 2 * kBorder + kSpace;
}
int PivotView::cellHeight() const {
    return cellWidth();
}

int PivotView::headerHeight() const {
    const auto& all = m_grid.images().differences();
    const bool tells =
        m_grid.spec().axis(PivotSlot::Columns) == figure::PivotAxis::Run && std::ranges::any_of(all, [](const std::string& one) { return !one.empty(); });
    return (tells ? 3 : 2) * fontMetrics().height() + spacing::kSmall;
}

int PivotView::widestHeader() const {
    int width = kNarrowestHeader;
    const int count = std::min<int>(200, rows());  // the longest of many is long enough
    for (int row = 0; row < count && width < kWidestHeader; ++row) {
        width = std::max(width, fontMetrics().horizontalAdvance(headerText(PivotSlot::Rows, gridRow(row))) + spacing::kMedium);
    }
    return std::min(width, kWidestHeader);
}

QRect PivotView::cells() const {
    return viewport()->rect().adjusted(m_headerWidth, headerHeight(), 0, 0);
}

/// Small images have whole factors of the screen's pixels, so that no cell is wider than its image.
int PivotView::sideBeside(int direction) const {
    constexpr int kStep = 16;
    const double ratio = devicePixelRatioF();
    if (m_stored <= 0 || m_side * ratio < m_stored) {
        return m_look.side + direction * kStep;
    }
    const auto factor = static_cast<int>(std::lround(m_side * ratio / m_stored)) + direction;
    return factor < 1 ? m_look.side + direction * kStep : static_cast<int>(std::ceil(factor * m_stored / ratio));
}

void PivotView::layOut() {
    const double ratio = devicePixelRatioF();
    const double factor = m_stored > 0 ? std::floor(m_look.side * ratio / m_stored) : 0;
    m_side = factor >= 1 ? static_cast<int>(std::ceil(factor * m_stored / ratio)) : m_look.side;
    m_headerWidth = widestHeader();
    const QSize room = cells().size();
    const auto set = [](QScrollBar* bar, int content, int seen, int step) {
        bar->setRange(0, std::max(0, content - seen));
        bar->setPageStep(std::max(1, seen));
        bar->setSingleStep(std::max(1, step / 3));
    };
    set(verticalScrollBar(), rows() * cellHeight(), room.height(), cellHeight());
    set(horizontalScrollBar(), columns() * cellWidth(), room.width(), cellWidth());
}

QRect PivotView::cellRect(const Place& place) const {
    const QPoint corner = cells().topLeft() - QPoint(horizontalScrollBar()->value(), verticalScrollBar()->value());
    return {corner.x() + place.column * cellWidth(), corner.y() + place.row * cellHeight(), cellWidth() - kSpace, cellHeight() - kSpace};
}

PivotView::Place PivotView::placeAt(const QPoint& position) const {
    const QRect room = cells();
    if (!room.contains(position)) {
        return {};
    }
    const QPoint inside = position - room.topLeft() + QPoint(horizontalScrollBar()->value(), verticalScrollBar()->value());
    const Place place{inside.y() / cellHeight(), inside.x() / cellWidth()};
    return has(place) && cellRect(place).contains(position) ? place : Place{};
}

std::array<int, 4> PivotView::inSight() const {
    const QSize room = cells().size();
    const int top = verticalScrollBar()->value() / cellHeight(), left = horizontalScrollBar()->value() / cellWidth();
    const int bottom = (verticalScrollBar()->value() + room.height()) / cellHeight(), right = (horizontalScrollBar()->value() + room.width()) / cellWidth();
    return {top, std::min(bottom, rows() - 1), left, std::min(right, columns() - 1)};
}

void PivotView::resizeEvent(QResizeEvent*) {
    layOut();
}

/// What stays in sight is moved, not painted.
void PivotView::scrollContentsBy(int dx, int dy) {
    m_cache.dropPending();  // what has gone out of sight need not be decoded
    const QRect room = cells();
    viewport()->scroll(dx, dy, room);
    if (dx != 0) {
        viewport()->scroll(dx, 0, QRect(room.left(), 0, room.width(), room.top() - 1));
    }
    if (dy != 0) {
        viewport()->scroll(0, dy, QRect(0, room.top(), room.left() - 1, room.height()));
    }
}

void PivotView::takeDecoded() {
    const QSet<QString> files = std::exchange(m_decoded, {});
    const auto [top, bottom, left, right] = inSight();
    for (int row = top; row <= bottom; ++row) {
        for (int column = left; column <= right; ++column) {
            const PivotCell one = cell({row, column});
            if (one.image != nullptr && files.contains(QString::fromStdString(one.image->file.string()))) {
                viewport()->update(cellRect({row, column}));
            }
        }
    }
}

bool PivotView::isSettled() {
    const auto [top, bottom, left, right] = inSight();
    for (int row = top; row <= bottom; ++row) {
        for (int column = left; column <= right; ++column) {
            const PivotCell one = cell({row, column});
            if (one.image == nullptr) {
                continue;
            }
            const QString file = QString::fromStdString(one.image->file.string());
            if (m_cache.image(file, decodeSide(*one.image)).isNull() && !m_cache.isSettled(file, decodeSide(*one.image))) {
                return false;
            }
        }
    }
    return true;
}

int PivotView::decodeSide(const store::SampleRow& image) const {
    const int wanted = static_cast<int>(std::lround(m_side * devicePixelRatioF()));
    return std::max(image.width, image.height) > wanted ? wanted : 0;
}

// --- content
// ------------------------------------------------------------------------------------------------------------

PivotCell PivotView::cell(const Place& place) const {
    return m_grid.cell(gridRow(place.row), place.column, m_page);
}

void PivotView::setCurrent(Place place) {
    place = {std::clamp(place.row, 0, std::max(0, rows() - 1)), std::clamp(place.column, 0, std::max(0, columns() - 1))};
    if (!has(place) || place == m_current) {
        return;
    }
    m_current = place;
    const QRect rect = cellRect(place), room = cells();
    const auto reveal = [](QScrollBar* bar, int from, int to, int low, int high) {
        bar->setValue(bar->value() + (from < low ? from - low : to > high ? std::min(to - high, from - low) : 0));
    };
    reveal(verticalScrollBar(), rect.top(), rect.bottom(), room.top(), room.bottom());
    reveal(horizontalScrollBar(), rect.left(), rect.right(), room.left(), room.right());
    setAccessibleDescription(describe(place));
    viewport()->update();
    Q_EMIT currentChanged();
}

// --- keys and mouse
// -----------------------------------------------------------------------------------------------------

void PivotView::keyPressEvent(QKeyEvent* event) {
    const Place at = m_current;
    const int perPage = std::max(1, cells().height() / cellHeight());
    const bool isPlain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    if (event->matches(QKeySequence::Copy) && has(at)) {
        return copyStoredImage(viewed(at).file);
    }
    if (rows() == 0 || columns() == 0 || !isPlain) {
        return event->ignore();
    }
    switch (event->key()) {
        case Qt::Key_Left:
            return setCurrent({at.row, at.column - 1});
        case Qt::Key_Right:
            return setCurrent({at.row, at.column + 1});
        case Qt::Key_Up:
            return setCurrent({at.row - 1, at.column});
        case Qt::Key_Down:
            return setCurrent({at.row + 1, at.column});
        case Qt::Key_PageUp:
            return setCurrent({at.row - perPage, at.column});
        case Qt::Key_PageDown:
            return setCurrent({at.row + perPage, at.column});
        case Qt::Key_Home:
            return setCurrent({at.row, 0});
        case Qt::Key_End:
            return setCurrent({at.row, columns() - 1});
        default:
            break;
    }
    if (!has(at)) {
        event->ignore();
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        Q_EMIT activated(at);
    } else if (event->key() == Qt::Key_A) {
        Q_EMIT chosenAsA(at);
    } else if (event->key() == Qt::Key_B) {
        Q_EMIT comparedAsB(at);
    } else {
        event->ignore();  // the time bar plays, the page turns
    }
}

void PivotView::mousePressEvent(QMouseEvent* event) {
    const Place place = placeAt(event->pos());
    const auto header = headerAt(event->pos());
    if (event->button() == Qt::LeftButton && header) {
        Q_EMIT headerClicked(header->first, m_grid.headers(header->first)[static_cast<std::size_t>(header->second)].value);
    }
    if (event->button() != Qt::LeftButton || !has(place)) {
        return;
    }
    setCurrent(place);
    if (event->modifiers() == Qt::ShiftModifier) {
        Q_EMIT comparedAsB(place);
    }
}

void PivotView::mouseDoubleClickEvent(QMouseEvent* event) {
    const Place place = placeAt(event->pos());
    if (has(place) && event->button() == Qt::LeftButton && event->modifiers() == Qt::NoModifier) {
        setCurrent(place);
        Q_EMIT activated(place);
    }
}

void PivotView::contextMenuEvent(QContextMenuEvent* event) {
    const Place place = event->reason() == QContextMenuEvent::Keyboard ? m_current : placeAt(event->pos());
    if (!has(place)) {
        return;
    }
    setCurrent(place);
    showImageMenu(this, event->globalPos(),
                  {.open = [this, place] { Q_EMIT activated(place); },
                   .chooseA = [this, place] { Q_EMIT chosenAsA(place); },
                   .compareB = [this, place] { Q_EMIT comparedAsB(place); },
                   .copy = [this, place] { copyStoredImage(viewed(place).file); }});
}

void PivotView::wheelEvent(QWheelEvent* event) {
    if (event->modifiers() == Qt::ControlModifier) {
        Q_EMIT sizeAsked(event->angleDelta().y() > 0 ? 1 : -1);
    } else {
        QAbstractScrollArea::wheelEvent(event);
    }
}

std::optional<std::pair<PivotSlot, int>> PivotView::headerAt(const QPoint& position) const {
    const QRect room = cells();
    const int column = (position.x() - room.left() + horizontalScrollBar()->value()) / cellWidth();
    const int row = (position.y() - room.top() + verticalScrollBar()->value()) / cellHeight();
    if (position.y() < room.top() && position.x() >= room.left() && column < columns()) {
        return std::pair(PivotSlot::Columns, column);
    }
    if (position.x() < room.left() && position.y() >= room.top() && row < rows()) {
        return std::pair(PivotSlot::Rows, gridRow(row));
    }
    return std::nullopt;
}

bool PivotView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Place place = placeAt(help->pos());
        const auto header = headerAt(help->pos());
        QString text = has(place) ? describe(place) : QString();
        if (header) {
            const QString differs = differenceOf(header->first, header->second).replace(QStringLiteral(", "), QStringLiteral("\n"));
            text = QString::fromStdString(m_grid.headers(header->first)[static_cast<std::size_t>(header->second)].text);
            text += differs.isEmpty() ? QString() : QLatin1Char('\n') + differs;
        }
        QToolTip::showText(help->globalPos(), plainToolTip(text), viewport());
        return true;
    }
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::Leave) {
        const Place place = event->type() == QEvent::Leave ? Place{} : placeAt(static_cast<QMouseEvent*>(event)->pos());
        if (place != m_hovered) {
            for (const Place& changed : {std::exchange(m_hovered, place), place}) {
                if (has(changed)) {
                    viewport()->update(cellRect(changed).adjusted(-2, -2, 2, 2));
                }
            }
        }
    }
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace rlcm::ui
