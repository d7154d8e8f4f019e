#include "ui/gallery/evaluation_grid.h"

#include <QAction>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/gallery/image_badge.h"
#include "ui/gallery/image_menu.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {
constexpr double kBadgeMargin = 3;
constexpr int kPatienceMs = 150;

QString pathOf(const store::SampleRow& sample) {
    return QString::fromStdString(sample.file.string());
}

QRectF onDevicePixels(const QRectF& rect, double ratio) {
    return {std::round(rect.x() * ratio) / ratio, std::round(rect.y() * ratio) / ratio, rect.width(), rect.height()};
}
}  // namespace

EvaluationGrid::EvaluationGrid(ThumbnailCache& cache, QWidget* parent) : QAbstractScrollArea(parent), m_cache(cache) {
    setObjectName(QStringLiteral("evaluationGrid"));
    setAccessibleName(tr("Evaluation images"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    m_patience.setSingleShot(true);
    m_patience.setInterval(kPatienceMs);
    connect(&m_patience, &QTimer::timeout, this, &EvaluationGrid::swapNow);
    connect(&m_cache, &ThumbnailCache::ready, this, [this] {
        swapIfDecoded();
        viewport()->update();
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, viewport(), qOverload<>(&QWidget::update));
}

void EvaluationGrid::setContent(GridContent content) {
    if (content == m_content) {
        m_next.reset();
        return;
    }
    const bool isSameImages = content.run == m_content.run && content.epoch == m_content.epoch;
    const bool isFirst = m_content.samples.empty();
    m_next = std::move(content);
    if (isSameImages || isFirst || m_next->samples.empty()) {
        swapNow();
        return;
    }
    m_patience.start();
    swapIfDecoded();
}

bool EvaluationGrid::isDecoded(const GridContent& content) {
    bool all = true;
    for (const store::SampleRow& sample : content.samples) {
        m_cache.image(pathOf(sample), m_geometry.decodeSide);  // asks for what is missing
        all = all && m_cache.isSettled(pathOf(sample), m_geometry.decodeSide);
    }
    return all;
}

void EvaluationGrid::decodeAhead(const store::SampleRow& sample) {
    m_cache.image(pathOf(sample), m_geometry.decodeSide);
}

bool EvaluationGrid::isSettled() const {
    return !m_next && std::all_of(m_content.samples.begin(), m_content.samples.end(),
                                  [this](const store::SampleRow& sample) { return m_cache.isSettled(pathOf(sample), m_geometry.decodeSide); });
}

void EvaluationGrid::swapIfDecoded() {
    if (m_next && isDecoded(*m_next)) {
        swapNow();
    }
}

void EvaluationGrid::swapNow() {
    m_patience.stop();
    if (!m_next) {
        return;
    }
    const bool isOtherRun = m_next->run != m_content.run;
    m_content = std::move(*m_next);
    m_next.reset();
    if (isOtherRun || m_current >= static_cast<int>(m_content.samples.size())) {
        m_current = -1;
    }
    updateGeometryNow();
    viewport()->update();
    setAccessibleDescription(m_current >= 0 ? describe(m_current) : tr("%n images", nullptr, static_cast<int>(m_content.samples.size())));
    Q_EMIT contentShown();
}

void EvaluationGrid::updateGeometryNow() {
    const int count = static_cast<int>(m_content.samples.size());
    m_geometry = fitGrid({.area = maximumViewportSize(),
                          .images = count,
                          .storedSide = m_content.samples.empty() ? 64 : std::max(m_content.samples.front().width, m_content.samples.front().height),
                          .caption = fontMetrics().height() + spacing::kTiny,
                          .scrollBar = verticalScrollBar()->sizeHint().width(),
                          .ratio = devicePixelRatioF()},
                         m_larger);
    const int rows = (count + m_geometry.columns - 1) / m_geometry.columns;
    const int height = rows * (m_geometry.cellHeight + kCellGap) - kCellGap;
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_geometry.cellHeight / 3);
}

void EvaluationGrid::setLarger(int steps) {
    if (steps != m_larger) {
        m_larger = steps;
        updateGeometryNow();
        viewport()->update();
    }
}

void EvaluationGrid::resizeEvent(QResizeEvent*) {
    updateGeometryNow();
}
void EvaluationGrid::scrollContentsBy(int, int) {
    viewport()->update();
}

QRect EvaluationGrid::cellRect(int cell) const {
    const int row = cell / m_geometry.columns;
    const int column = cell % m_geometry.columns;
    return {column * (m_geometry.cellWidth + kCellGap), row * (m_geometry.cellHeight + kCellGap) - verticalScrollBar()->value(), m_geometry.cellWidth,
            m_geometry.cellHeight};
}

int EvaluationGrid::cellAt(const QPoint& position) const {
    for (int cell = 0; cell < static_cast<int>(m_content.samples.size()); ++cell) {
        if (cellRect(cell).contains(position)) {
            return cell;
        }
    }
    return -1;
}

void EvaluationGrid::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(event->rect(), colour(Role::Window));
    for (int cell = 0; cell < static_cast<int>(m_content.samples.size()); ++cell) {
        const QRect rect = cellRect(cell);
        if (rect.intersects(event->rect())) {
            paintCell(painter, cell, rect);
        }
    }
}

void EvaluationGrid::paintImage(QPainter& painter, int cell, const QRectF& place) {
    const store::SampleRow& sample = m_content.samples[static_cast<std::size_t>(cell)];
    const QImage image = m_cache.image(pathOf(sample), m_geometry.decodeSide);
    if (!image.isNull()) {
        painter.drawImage(place, image);  // no smoothing: whole factors, or already the right size
        return;
    }
    paintNoImage(painter, place, m_cache.isUnreadable(pathOf(sample), m_geometry.decodeSide));
}

void EvaluationGrid::paintCell(QPainter& painter, int cell, const QRect& rect) {
    const store::SampleRow& sample = m_content.samples[static_cast<std::size_t>(cell)];
    if (cell == m_current || cell == m_hovered) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(cell == m_current && hasFocus() ? QPen(colour(Role::Accent), 1.5) : QPen(Qt::NoPen));
        painter.setBrush(colour(cell == m_current ? Role::Selection : Role::Hover));
        painter.drawRoundedRect(QRectF(rect).adjusted(0.75, 0.75, -0.75, -0.75), spacing::kRadius, spacing::kRadius);
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
    const QRectF place = onDevicePixels({rect.x() + kCellMargin + (rect.width() - 2 * kCellMargin - m_geometry.imageSide) / 2,
                                         static_cast<double>(rect.y() + kCellMargin), m_geometry.imageSide, m_geometry.imageSide},
                                        devicePixelRatioF());
    paintImage(painter, cell, place);

    BadgePainter badges(painter, place, kBadgeMargin);
    const double taken = badges.put(formatReward(sample.reward), Qt::white, Qt::AlignBottom | Qt::AlignLeft);
    if (const auto change = delta(cell)) {
        const QString text = shortChange(*change);
        badges.put(text, colour(changeRole(text), true), Qt::AlignBottom | Qt::AlignRight, taken + 2);
    }
    if (sample.isHeldOut) {
        badges.put(tr("held out"), Qt::white, Qt::AlignTop | Qt::AlignLeft);
    }
    const QFontMetrics metrics = fontMetrics();
    const QRect caption(rect.x() + kCellMargin, rect.y() + rect.width(), rect.width() - 2 * kCellMargin, metrics.height());
    painter.setPen(colour(Role::Text));
    painter.drawText(caption, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(QString::fromStdString(sample.prompt), Qt::ElideRight, caption.width()));
}

void EvaluationGrid::setCurrent(int cell) {
    const int last = static_cast<int>(m_content.samples.size()) - 1;
    cell = std::clamp(cell, -1, last);
    if (cell == m_current) {
        return;
    }
    m_current = cell;
    if (cell >= 0) {
        const QRect rect = cellRect(cell);
        if (rect.top() < 0) {
            verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.top());
        } else if (rect.bottom() > viewport()->height()) {
            verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.bottom() - viewport()->height() + 1);
        }
        setAccessibleDescription(describe(cell));
    }
    viewport()->update();
    Q_EMIT currentChanged(cell);
}

void EvaluationGrid::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_content.samples.size()) - 1;
    if (last < 0) {
        event->ignore();
    } else if (event->key() == Qt::Key_Down) {
        setCurrent(std::min(m_current + 1, last));
    } else if (event->key() == Qt::Key_Up) {
        setCurrent(std::max(m_current - 1, 0));
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && m_current >= 0) {
        Q_EMIT activated(m_current);
    } else if (event->key() == Qt::Key_A && event->modifiers() == Qt::NoModifier && m_current >= 0) {
        Q_EMIT chosenAsA(m_current);
    } else if (event->key() == Qt::Key_B && event->modifiers() == Qt::NoModifier && m_current >= 0) {
        Q_EMIT comparedAsB(m_current);
    } else if (event->matches(QKeySequence::Copy) && m_current >= 0) {
        copyImage(m_current);
    } else {
        event->ignore();  // left, right, home, end and space belong to the time bar
    }
}

void EvaluationGrid::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        setCurrent(cellAt(event->pos()));
        if (m_current >= 0 && event->modifiers() == Qt::ShiftModifier) {
            Q_EMIT comparedAsB(m_current);
        }
    }
}

void EvaluationGrid::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const int cell = cellAt(event->pos()); cell >= 0 && event->button() == Qt::LeftButton) {
        Q_EMIT activated(cell);
    }
}

void EvaluationGrid::contextMenuEvent(QContextMenuEvent* event) {
    const int cell = event->reason() == QContextMenuEvent::Keyboard ? m_current : cellAt(event->pos());
    if (cell < 0) {
        return;
    }
    setCurrent(cell);
    showImageMenu(this, event->globalPos(),
                  {.open = [this, cell] { Q_EMIT activated(cell); },
                   .chooseA = [this, cell] { Q_EMIT chosenAsA(cell); },
                   .compareB = [this, cell] { Q_EMIT comparedAsB(cell); },
                   .copy = [this, cell] { copyImage(cell); }});
}

bool EvaluationGrid::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int cell = cellAt(help->pos());
        QToolTip::showText(help->globalPos(), cell >= 0 ? describe(cell).toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")) : QString(),
                           viewport());
        return true;
    }
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::Leave) {
        const int cell = event->type() == QEvent::Leave ? -1 : cellAt(static_cast<QMouseEvent*>(event)->pos());
        if (cell != m_hovered) {
            m_hovered = cell;
            viewport()->update();
        }
    }
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace rlcm::ui
