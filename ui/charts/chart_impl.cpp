#include "ui/charts/chart_impl.h"

#include <QMenu>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/chart_summary.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kReplotIntervalMs = 50;  ///< 20 a second
constexpr double kGrabPixels = 5;      ///< distance at which the cursor line is taken hold of

}  // namespace

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
        pointAtLegend(event->buttons() == Qt::NoButton ? scene.namedAt(hoverAt) : std::vector<std::size_t>());
        const bool isNear = cursorX && std::abs(plot->xAxis->coordToPixel(*cursorX) - hoverAt.x()) <= kGrabPixels;
        plot->setCursor(isInside && isNear ? Qt::SplitHCursor : scene.isMoreAt(hoverAt) ? Qt::PointingHandCursor : Qt::ArrowCursor);
        redrawCursor();
    });
    QObject::connect(plot, &QCustomPlot::mouseRelease, self, [this](QMouseEvent* event) {
        const bool isClick = (event->position() - pressedAt).manhattanLength() < 4 && event->button() == Qt::LeftButton;
        const bool isInside = plot->axisRect()->rect().contains(event->position().toPoint());
        if (isClick && isInside && scene.hasData()) {
            userCursor(nearestPoint(state, plot->xAxis->pixelToCoord(event->position().x())));
        } else if (isClick && scene.isMoreAt(event->position())) {
            showAllNames(event->globalPosition().toPoint());
        }
        isDraggingCursor = false;
    });
    QObject::connect(plot, &QCustomPlot::mouseDoubleClick, self, [this] { self->resetZoom(); });
}

void ChartWidget::Impl::pointAtLegend(const std::vector<std::size_t>& curves) {
    QStringList ids;
    for (const std::size_t curve : curves) {
        if (curve < state.series.size()) {  // the legend is of the last drawing
            ids << state.series[curve].id;
        }
    }
    if (state.pointed != ids) {
        state.pointed = ids;
        schedule(true);
    }
}

/// The whole legend as a list beside the mouse.
void ChartWidget::Impl::showAllNames(const QPoint& place) const {
    auto* menu = new QMenu(self);
    menu->setObjectName(QStringLiteral("legendMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (std::size_t i = 0; i < state.series.size(); ++i) {
        QPixmap line(32, 16);
        line.fill(Qt::transparent);
        QPainter painter(&line);
        painter.setPen(scene.legendPen(i));
        painter.drawLine(2, 8, 30, 8);
        QString name = state.series[i].label;
        menu->addAction(QIcon(line), name.replace(QLatin1Char('&'), QStringLiteral("&&")));
    }
    menu->popup(place);
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
    } else if (isAlongX) {
        setRange({plot->xAxis->range().lower, plot->xAxis->range().upper, full.y0, full.y1});
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
    isAlongX = false;
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

}  // namespace rlcm::ui
