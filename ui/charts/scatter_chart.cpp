#include "ui/charts/scatter_chart.h"

#include <QFileInfo>
#include <QKeyEvent>
#include <QSvgGenerator>
#include <QTemporaryDir>
#include <QTimer>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "ui/charts/chart_scene.h"
#include "ui/charts/chart_ticks.h"
#include "ui/charts/scatter_painter.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr double kReachPixels = 14;
constexpr int kDragPixels = 5;
constexpr double kBesideTitle = 40;  // tick labels and title of the x axis, with air

/// Titles, ticks and ranges of a plot that shows a state.
void setAxes(QCustomPlot& plot, const ScatterState& state, const QSizeF& size) {
    styleAxes(plot, state.style);
    plot.xAxis->setScaleType(QCPAxis::stLogarithmic);
    plot.xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new NiceLogTicker));
    plot.yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new CountTicker));
    const QFontMetricsF metrics(state.style.font);
    plot.xAxis->setLabel(metrics.elidedText(state.xTitle, Qt::ElideRight, size.width() * 0.8));
    plot.yAxis->setLabel(fitted(state.yTitle, metrics, size.height() - 2 * metrics.height() - kBesideTitle));
    plot.axisRect()->setMinimumMargins(QMargins(10, 14, 18, 8));
    const ScatterRange range = rangeOf(state);
    plot.xAxis->setRange(range.x0, range.x1);
    plot.yAxis->setRange(range.y0, range.y1);
}

bool saveSvg(QCustomPlot& page, const QString& file, const QSize& size) {
    QSvgGenerator generator;
    generator.setFileName(file);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(), size));
    generator.setResolution(72);  // sizes are in points
    QCPPainter painter;
    if (!painter.begin(&generator)) {
        return false;
    }
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    page.toPainter(&painter, size.width(), size.height());
    return painter.end();
}

}  // namespace

struct ScatterChart::Impl {
    explicit Impl(ScatterChart* chart) : self(chart), plot(new QCustomPlot(chart)) {}

    void setUp();
    void schedule() {
        if (self->isVisible()) {
            soon.start();
        }
    }
    void draw();
    /// Index of the point under a place of the plot, or -1.
    int pointAt(const QPointF& place) const;
    void light(const QString& id, const QPoint& globalPlace);
    void press(const QMouseEvent& event);
    void move(const QMouseEvent& event);
    void release(const QMouseEvent& event);
    void step(int direction);
    QRectF box() const { return QRectF(pressedAt, mouseAt).normalized(); }

    ScatterChart* self;
    QCustomPlot* plot;
    ScatterState state;
    QTimer soon;
    QPointF pressedAt, mouseAt;
    bool isPressed = false, isBoxing = false, hasOpened = false;
};

void ScatterChart::Impl::setUp() {
    plot->setObjectName(QStringLiteral("plot"));
    plot->setFocusPolicy(Qt::NoFocus);
    plot->setMouseTracking(true);
    plot->legend->setVisible(false);
    new PaintedLayer(plot, QStringLiteral("main"), true, [this](QCPPainter& painter) {
        paintScatter(painter, *plot, state);
        if (isBoxing) {
            QColor fill = colour(Role::Accent);
            painter.setPen(QPen(fill, 1));
            fill.setAlphaF(0.12F);
            painter.setBrush(fill);
            painter.drawRect(box());
        }
    });
    auto* column = new QVBoxLayout(self);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(plot);
    soon.setSingleShot(true);
    soon.setInterval(0);
    QObject::connect(&soon, &QTimer::timeout, self, [this] { draw(); });
    QObject::connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, self, [this] { schedule(); });
    QObject::connect(plot, &QCustomPlot::mousePress, self, [this](QMouseEvent* event) { press(*event); });
    QObject::connect(plot, &QCustomPlot::mouseMove, self, [this](QMouseEvent* event) { move(*event); });
    QObject::connect(plot, &QCustomPlot::mouseRelease, self, [this](QMouseEvent* event) { release(*event); });
    QObject::connect(plot, &QCustomPlot::mouseDoubleClick, self, [this](QMouseEvent* event) {
        if (const int at = pointAt(event->position()); at >= 0) {
            hasOpened = true;  // the release that follows picks nothing
            Q_EMIT self->opened(state.points[static_cast<std::size_t>(at)].id);
        }
    });
    plot->installEventFilter(self);
}

void ScatterChart::Impl::draw() {
    QFont font = self->font();
    font.setPointSizeF(font.pointSizeF() * 0.9);
    state.style = {.isDark = isDark(), .font = font};
    setAxes(*plot, state, plot->viewport().size());
    plot->replot(QCustomPlot::rpImmediateRefresh);
    self->setAccessibleDescription(self->summary());
}

int ScatterChart::Impl::pointAt(const QPointF& place) const {
    int best = -1;
    double distance = kReachPixels;
    for (std::size_t i = 0; i < state.points.size(); ++i) {
        const ScatterPoint& point = state.points[i];
        const double away = isDrawn(point) ? QLineF(place, pixelOf(*plot, point.x, point.y)).length() : kReachPixels;
        if (away < distance) {
            distance = away;
            best = static_cast<int>(i);
        }
    }
    return best;
}

void ScatterChart::Impl::light(const QString& id, const QPoint& globalPlace) {
    if (!id.isEmpty()) {
        const int at = pointAt(mouseAt);
        QToolTip::showText(globalPlace, at < 0 ? QString() : plainToolTip(state.points[static_cast<std::size_t>(at)].tip), plot);
    } else if (!state.highlight.isEmpty()) {
        QToolTip::hideText();
    }
    if (id != state.highlight) {
        state.highlight = id;
        schedule();
        Q_EMIT self->hovered(id);
    }
}

void ScatterChart::Impl::press(const QMouseEvent& event) {
    self->setFocus(Qt::MouseFocusReason);
    isPressed = event.button() == Qt::LeftButton;
    pressedAt = mouseAt = event.position();
}

void ScatterChart::Impl::move(const QMouseEvent& event) {
    mouseAt = event.position();
    if (isPressed && (isBoxing || (mouseAt - pressedAt).manhattanLength() > kDragPixels)) {
        isBoxing = true;
        QToolTip::hideText();
        schedule();
        return;
    }
    const int at = pointAt(mouseAt);
    plot->setCursor(at >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    light(at >= 0 ? state.points[static_cast<std::size_t>(at)].id : QString(), event.globalPosition().toPoint());
}

void ScatterChart::Impl::release(const QMouseEvent& event) {
    mouseAt = event.position();
    const bool wasPressed = std::exchange(isPressed, false), wasBoxing = std::exchange(isBoxing, false);
    if (std::exchange(hasOpened, false) || !wasPressed) {
        return;
    }
    if (wasBoxing) {
        QStringList ids;
        for (const ScatterPoint& point : state.points) {
            if (isDrawn(point) && !point.id.isEmpty() && !ids.contains(point.id) && box().contains(pixelOf(*plot, point.x, point.y))) {
                ids << point.id;
            }
        }
        schedule();
        if (!ids.isEmpty()) {
            Q_EMIT self->boxed(ids);
        }
    } else if (const int at = pointAt(mouseAt); at >= 0) {
        Q_EMIT self->picked(state.points[static_cast<std::size_t>(at)].id);
    }
}

/// To the next point from left to right.
void ScatterChart::Impl::step(int direction) {
    std::vector<const ScatterPoint*> order;
    for (const ScatterPoint& point : state.points) {
        if (isDrawn(point) && !point.id.isEmpty() && !point.isSmall) {
            order.push_back(&point);
        }
    }
    if (order.empty()) {
        return;
    }
    std::stable_sort(order.begin(), order.end(), [](const ScatterPoint* a, const ScatterPoint* b) { return a->x < b->x; });
    const auto here = std::find_if(order.begin(), order.end(), [this](const ScatterPoint* point) { return point->id == state.highlight; });
    const auto count = static_cast<std::ptrdiff_t>(order.size());
    const std::ptrdiff_t next =
        here == order.end() ? (direction > 0 ? 0 : count - 1) : std::clamp<std::ptrdiff_t>(here - order.begin() + direction, 0, count - 1);
    const ScatterPoint& point = *order[static_cast<std::size_t>(next)];
    mouseAt = pixelOf(*plot, point.x, point.y);
    light(point.id, plot->mapToGlobal(mouseAt.toPoint() + QPoint(12, 12)));
}

// --- public -----------------------------------------------------------------------------------------------------

ScatterChart::ScatterChart(QWidget* parent) : QWidget(parent), m_impl(std::make_unique<Impl>(this)) {
    m_impl->setUp();
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Chart"));
    setMinimumSize(240, 160);
}

ScatterChart::~ScatterChart() {
    m_impl->plot->removeEventFilter(this);  // closing sends leave events
    delete m_impl->plot;                    // before the state that it paints
}

void ScatterChart::setPoints(std::vector<ScatterPoint> points) {
    if (points == m_impl->state.points) {
        return;
    }
    m_impl->state.points = std::move(points);
    m_impl->schedule();
}

const std::vector<ScatterPoint>& ScatterChart::points() const {
    return m_impl->state.points;
}

void ScatterChart::setAxisTitles(const QString& x, const QString& y) {
    m_impl->state.xTitle = x;
    m_impl->state.yTitle = y;
    m_impl->schedule();
}

void ScatterChart::setValueRange(std::optional<std::pair<double, double>> range) {
    m_impl->state.valueRange = range;
    m_impl->schedule();
}

void ScatterChart::setEmptyText(const QString& text) {
    m_impl->state.emptyText = text;
    m_impl->schedule();
}

void ScatterChart::setHighlight(const QString& id) {
    if (m_impl->state.highlight != id) {
        m_impl->state.highlight = id;
        m_impl->schedule();
    }
}

std::optional<QPoint> ScatterChart::placeOf(const QString& id) const {
    for (const ScatterPoint& point : m_impl->state.points) {
        if (point.id == id && isDrawn(point)) {
            return m_impl->plot->mapTo(this, pixelOf(*m_impl->plot, point.x, point.y).toPoint());
        }
    }
    return std::nullopt;
}

QString ScatterChart::summary() const {
    QStringList lines;
    for (const ScatterPoint& point : m_impl->state.points) {
        if (isDrawn(point)) {
            lines << QString(point.tip).replace(QLatin1Char('\n'), QStringLiteral(", "));
        }
    }
    return lines.isEmpty() ? m_impl->state.emptyText : lines.join(QStringLiteral("; "));
}

void ScatterChart::exportTo(const QString& file, const QSizeF& millimetres) const {
    constexpr double kPointsPerMm = 72 / 25.4, kFontPoints = 8, kDotsPerMm = 300 / 25.4;
    QCustomPlot page;
    ScatterState state = m_impl->state;
    QFont font = this->font();
    font.setPointSizeF(kFontPoints);
    state.style = {.isDark = false, .font = font};
    state.highlight.clear();
    new PaintedLayer(&page, QStringLiteral("main"), true, [&](QCPPainter& painter) { paintScatter(painter, page, state); });
    const int width = static_cast<int>(std::lround(millimetres.width() * kPointsPerMm)),
              height = static_cast<int>(std::lround(millimetres.height() * kPointsPerMm));
    setAxes(page, state, QSizeF(width, height));
    page.setBackground(Qt::white);
    const QString ending = QFileInfo(file).suffix().toLower();
    const QTemporaryDir folder;  // the plot writes files only, and not in one step
    const QString draft = folder.filePath(QStringLiteral("figure"));
    const bool isSaved = ending == QLatin1String("png")   ? page.savePng(draft, width, height, kDotsPerMm / kPointsPerMm, -1, 300)
                         : ending == QLatin1String("svg") ? saveSvg(page, draft, QSize(width, height))
                                                          : page.savePdf(draft, width, height, QCP::epNoCosmetic);
    if (!isSaved) {
        throw Error(ErrorKind::Io, "the figure cannot be written to " + draft.toStdString() + "; is there room for temporary files?");
    }
    writeFileAtomically(file.toStdString(), readFile(draft.toStdString()));
}

void ScatterChart::replotNow() {
    m_impl->soon.stop();
    m_impl->draw();
}

void ScatterChart::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_impl->schedule();
}

void ScatterChart::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_impl->schedule();
}

void ScatterChart::keyPressEvent(QKeyEvent* event) {
    const QString lit = m_impl->state.highlight;
    switch (event->key()) {
        case Qt::Key_Left:
            m_impl->step(-1);
            break;
        case Qt::Key_Right:
            m_impl->step(+1);
            break;
        case Qt::Key_Escape:
            lit.isEmpty() ? QWidget::keyPressEvent(event) : m_impl->light({}, {});
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            lit.isEmpty() ? QWidget::keyPressEvent(event) : Q_EMIT picked(lit);
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

bool ScatterChart::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_impl->plot && event->type() == QEvent::Leave) {
        m_impl->light({}, {});
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace rlcm::ui
