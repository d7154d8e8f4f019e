#include "ui/charts/chart_widget.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/chart_cursor.h"
#include "ui/charts/chart_scene.h"
#include "ui/charts/chart_summary.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kReplotIntervalMs = 50;  ///< 20 a second
constexpr double kGrabPixels = 5;      ///< distance at which the cursor line is taken hold of

}  // namespace

struct ChartWidget::Impl {
    explicit Impl(ChartWidget* widget) : self(widget), plot(new QCustomPlot(widget)), scene(*plot, state) {}

    void setUp();
    void connectMouse();
    /// Something has changed: draw soon, at most 20 times a second and only while visible.
    void schedule(bool isData);
    void flush();
    void restyle();
    void updateHover();
    void setRange(const Range& range);
    void noteUserRange();
    void redrawCursor() { plot->layer(QStringLiteral("cursor"))->replot(); }
    void userCursor(double x);
    void stepCursor(int direction);

    ChartWidget* self;
    ChartState state;
    QCustomPlot* plot;
    ChartScene scene;
    CursorPainter cursorPainter{*plot, state, scene};
    QTimer timer;
    QElapsedTimer sinceReplot;
    bool isDataDirty = true, isStyleDirty = true, isZoomed = false, isOwnRange = false;
    bool isDraggingCursor = false, hasLegendChoice = false, legendChoice = true;
    int replots = 0;
    std::optional<double> cursorX, hoverX;
    QPointF pressedAt, hoverAt;
    Range full{0, 1, 0, 1};  ///< shows all data
};

void ChartWidget::Impl::setUp() {
    plot->setObjectName(QStringLiteral("plot"));
    plot->setFocusPolicy(Qt::NoFocus);
    plot->setMouseTracking(true);
    plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot->setNoAntialiasingOnDrag(false);
    plot->addLayer(QStringLiteral("cursor"), nullptr, QCustomPlot::limAbove);
    plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    new PaintedLayer(plot, QStringLiteral("cursor"), false, [this](QCPPainter& p) { cursorPainter.paint(p, cursorX, hoverX, hoverAt); });
    auto* column = new QVBoxLayout(self);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(plot);
    timer.setSingleShot(true);
    QObject::connect(&timer, &QTimer::timeout, self, [this] { flush(); });
    QObject::connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, self, [this] { restyle(); });
    for (QCPAxis* axis : {plot->xAxis, plot->yAxis}) {
        QObject::connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), self, [this](const QCPRange&) { noteUserRange(); });
    }
    connectMouse();
    plot->installEventFilter(self);
}

void ChartWidget::Impl::connectMouse() {
    QObject::connect(plot, &QCustomPlot::mouseWheel, self, [this](QWheelEvent* event) {
        const auto keys = event->modifiers();
        Qt::Orientations axes = Qt::Horizontal | Qt::Vertical;
        if (keys & Qt::ControlModifier) {
            axes = Qt::Vertical;
        }
        if (keys & Qt::ShiftModifier) {
            axes = Qt::Horizontal;
        }
        plot->axisRect()->setRangeZoom(axes);
    });
    QObject::connect(plot, &QCustomPlot::mousePress, self, [this](QMouseEvent* event) {
        self->setFocus(Qt::MouseFocusReason);
        pressedAt = event->position();
        isDraggingCursor = cursorX && std::abs(plot->xAxis->coordToPixel(*cursorX) - pressedAt.x()) <= kGrabPixels;
        plot->axisRect()->setRangeDrag(isDraggingCursor ? Qt::Orientations() : Qt::Horizontal | Qt::Vertical);
        const bool isRect = event->modifiers() & Qt::ShiftModifier && !isDraggingCursor;
        plot->setSelectionRectMode(isRect ? QCP::srmZoom : QCP::srmNone);
    });
    QObject::connect(plot, &QCustomPlot::mouseMove, self, [this](QMouseEvent* event) {
        const bool isInside = plot->axisRect()->rect().contains(event->position().toPoint());
        hoverAt = event->position();
        const double x = plot->xAxis->pixelToCoord(hoverAt.x());
        hoverX.reset();
        if (isDraggingCursor) {
            userCursor(nearestPoint(state, x));
        } else if (isInside && event->buttons() == Qt::NoButton) {
            hoverX = nearestPoint(state, x);
        }
        const bool isNear = cursorX && std::abs(plot->xAxis->coordToPixel(*cursorX) - hoverAt.x()) <= kGrabPixels;
        plot->setCursor(isInside && isNear ? Qt::SplitHCursor : Qt::ArrowCursor);
        redrawCursor();
    });
    QObject::connect(plot, &QCustomPlot::mouseRelease, self, [this](QMouseEvent* event) {
        const bool isClick = (event->position() - pressedAt).manhattanLength() < 4 && event->button() == Qt::LeftButton;
        const bool isInside = plot->axisRect()->rect().contains(event->position().toPoint());
        if (isClick && isInside && scene.hasData()) {
            userCursor(nearestPoint(state, plot->xAxis->pixelToCoord(event->position().x())));
        }
        isDraggingCursor = false;
    });
    QObject::connect(plot, &QCustomPlot::mouseDoubleClick, self, [this] { self->resetZoom(); });
}

void ChartWidget::Impl::schedule(bool isData) {
    isDataDirty = isDataDirty || isData;
    if (!self->isVisible() || timer.isActive()) {
        return;
    }
    const qint64 waited = sinceReplot.isValid() ? sinceReplot.elapsed() : kReplotIntervalMs;
    timer.start(static_cast<int>(std::clamp<qint64>(kReplotIntervalMs - waited, 0, kReplotIntervalMs)));
}

void ChartWidget::Impl::flush() {
    timer.stop();
    if (isDataDirty || isStyleDirty) {
        QFont font = self->font();
        font.setPointSizeF(font.pointSizeF() * 0.9);
        const auto count = state.series.size();
        state.isLegendVisible = hasLegendChoice ? legendChoice && count > 0 : count > 1;
        isOwnRange = true;  // a new scale type may correct the range
        if (isStyleDirty) {
            scene.applyStyle({.isDark = isDark(), .font = font});
        } else {
            scene.rebuild();
        }
        isOwnRange = false;
        full = scene.fullRange();
        isDataDirty = isStyleDirty = false;
        self->setAccessibleDescription(describe(state));
    }
    if (!isZoomed) {
        setRange(full);
    }
    updateHover();
    plot->replot(QCustomPlot::rpImmediateRefresh);
    ++replots;
    sinceReplot.start();
}

void ChartWidget::Impl::restyle() {
    isStyleDirty = true;
    schedule(true);
}

/// New data, another unit or another range: the place under the mouse is another one.
void ChartWidget::Impl::updateHover() {
    if (hoverX) {
        hoverX = nearestPoint(state, plot->xAxis->pixelToCoord(hoverAt.x()));
    }
}

void ChartWidget::Impl::setRange(const Range& range) {
    isOwnRange = true;
    plot->xAxis->setRange(range.x0, range.x1);
    plot->yAxis->setRange(range.y0, range.y1);
    isOwnRange = false;
}

void ChartWidget::Impl::noteUserRange() {
    if (isOwnRange) {
        return;
    }
    isZoomed = true;
    Q_EMIT self->zoomChanged();
}

void ChartWidget::Impl::userCursor(double x) {
    cursorX = x;
    redrawCursor();
    Q_EMIT self->cursorMoved(x);
}

void ChartWidget::Impl::stepCursor(int direction) {
    double next = direction > 0 ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    const double here = cursorX.value_or(-next);
    hoverX.reset();  // the keyboard reads another place than the mouse
    for (const Series& series : state.series) {
        const auto& xs = series.x;
        if (direction > 0) {
            const auto after = std::upper_bound(xs.begin(), xs.end(), here);
            if (after != xs.end()) {
                next = std::min(next, *after);
            }
        } else {
            const auto from = std::lower_bound(xs.begin(), xs.end(), here);
            if (from != xs.begin()) {
                next = std::max(next, *std::prev(from));
            }
        }
    }
    if (std::isfinite(next)) {
        userCursor(next);
    }
}

// --- public
// ------------------------------------------------------------------------------------------------------

ChartWidget::ChartWidget(QWidget* parent) : QWidget(parent), m_impl(std::make_unique<Impl>(this)) {
    m_impl->setUp();
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Chart"));
    setMinimumSize(240, 160);
}

ChartWidget::~ChartWidget() {
    m_impl->plot->removeEventFilter(this);  // closing sends leave events
    delete m_impl->plot;                    // before the scene that it paints
}

void ChartWidget::setSeries(std::vector<Series> series) {
    if (series == m_impl->state.series) {
        return;
    }
    m_impl->state.series = std::move(series);
    smooth(m_impl->state);
    m_impl->schedule(true);
}

const std::vector<Series>& ChartWidget::series() const {
    return m_impl->state.series;
}

void ChartWidget::setAxisTitles(const QString& x, const QString& y) {
    if (m_impl->state.xTitle == x && m_impl->state.yTitle == y) {
        return;
    }
    m_impl->state.xTitle = x;
    m_impl->state.yTitle = y;
    m_impl->restyle();
}

void ChartWidget::setDurationAxis(bool isDuration) {
    if (m_impl->state.isDuration == isDuration) {
        return;
    }
    m_impl->state.isDuration = isDuration;
    m_impl->restyle();
}

void ChartWidget::setPlaceText(std::function<QString(double)> placeText) {
    m_impl->state.placeText = std::move(placeText);
    m_impl->redrawCursor();
}

void ChartWidget::setBandNote(const QString& note) {
    if (m_impl->state.bandNote == note) {
        return;
    }
    m_impl->state.bandNote = note;
    m_impl->schedule(true);
}

void ChartWidget::setLogY(bool isLog) {
    if (m_impl->state.isLog == isLog) {
        return;
    }
    m_impl->state.isLog = isLog;
    resetZoom();
    m_impl->restyle();
}

bool ChartWidget::isLogY() const {
    return m_impl->state.isLog;
}

void ChartWidget::setHalfLife(double halfLife) {
    halfLife = std::max(0.0, halfLife);
    if (m_impl->state.halfLife == halfLife) {
        return;
    }
    m_impl->state.halfLife = halfLife;
    smooth(m_impl->state);
    m_impl->schedule(true);
}

double ChartWidget::halfLife() const {
    return m_impl->state.halfLife;
}

void ChartWidget::setRawVisible(bool isVisible) {
    if (m_impl->state.isRawVisible == isVisible) {
        return;
    }
    m_impl->state.isRawVisible = isVisible;
    m_impl->schedule(true);
}

void ChartWidget::setRobustRange(bool isRobust) {
    if (m_impl->state.isRobust == isRobust) {
        return;
    }
    m_impl->state.isRobust = isRobust;
    m_impl->schedule(true);
}

void ChartWidget::setLegendVisible(bool isVisible) {
    m_impl->hasLegendChoice = true;
    m_impl->legendChoice = isVisible;
    m_impl->schedule(true);
}

void ChartWidget::setEmptyText(const QString& text) {
    m_impl->state.emptyText = text;
    m_impl->schedule(false);
}

QString ChartWidget::emptyText() const {
    return emptyTextOf(m_impl->state);
}

std::optional<double> ChartWidget::hoveredX() const {
    return m_impl->hoverX;
}

void ChartWidget::setCursor(double x) {
    if (m_impl->cursorX == x) {
        return;
    }
    m_impl->cursorX = x;
    m_impl->redrawCursor();
}

void ChartWidget::clearCursor() {
    m_impl->cursorX.reset();
    m_impl->redrawCursor();
}

std::optional<double> ChartWidget::cursor() const {
    return m_impl->cursorX;
}

std::vector<CursorValue> ChartWidget::valuesAt(double x) const {
    return rlcm::ui::valuesAt(m_impl->state, x);
}

QStringList ChartWidget::readoutAt(double x) const {
    QStringList lines{readoutHead(m_impl->state, x)};
    for (const ReadoutRow& row : readoutRows(m_impl->state, x)) {
        lines << row.label + QStringLiteral("  ") + row.value;
    }
    return lines;
}

bool ChartWidget::isZoomed() const {
    return m_impl->isZoomed;
}

void ChartWidget::resetZoom() {
    const bool wasZoomed = m_impl->isZoomed;
    m_impl->isZoomed = false;
    m_impl->schedule(false);
    if (wasZoomed) {
        Q_EMIT zoomChanged();
    }
}

ChartWidget::Range ChartWidget::visibleRange() const {
    const QCPRange x = m_impl->plot->xAxis->range(), y = m_impl->plot->yAxis->range();
    return {x.lower, x.upper, y.lower, y.upper};
}

void ChartWidget::zoomTo(const Range& range) {
    m_impl->setRange(range);
    m_impl->noteUserRange();
    m_impl->schedule(false);
}

void ChartWidget::replotNow() {
    m_impl->flush();
}

int ChartWidget::replotCount() const {
    return m_impl->replots;
}

QString ChartWidget::summary() const {
    return describe(m_impl->state);
}

void ChartWidget::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_impl->schedule(false);
}

void ChartWidget::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left:
            m_impl->stepCursor(-1);
            break;
        case Qt::Key_Right:
            m_impl->stepCursor(+1);
            break;
        case Qt::Key_F:
            resetZoom();
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

bool ChartWidget::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_impl->plot && event->type() == QEvent::Leave) {
        m_impl->hoverX.reset();
        m_impl->redrawCursor();
    }
    if (watched == m_impl->plot && event->type() == QEvent::Resize) {
        m_impl->schedule(true);
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace rlcm::ui
