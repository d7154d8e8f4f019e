#include "ui/charts/chart_widget.h"

#include <QKeyEvent>
#include <algorithm>

#include "ui/charts/chart_impl.h"
#include "ui/charts/chart_summary.h"

namespace rlcm::ui {

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
    m_impl->state.pointed.clear();
    m_impl->state.emphasis.removeIf(
        [this](const QString& id) { return std::ranges::none_of(m_impl->state.series, [&id](const Series& one) { return one.id == id; }); });
    smooth(m_impl->state);
    m_impl->schedule(true);
}

const std::vector<Series>& ChartWidget::series() const {
    return m_impl->state.series;
}

void ChartWidget::setMarks(std::vector<ChartMark> marks) {
    if (marks == m_impl->state.marks) {
        return;
    }
    m_impl->state.marks = std::move(marks);
    m_impl->schedule(true);
}

const std::vector<ChartMark>& ChartWidget::marks() const {
    return m_impl->state.marks;
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

void ChartWidget::setSmoother(figure::Smoother smoother) {
    if (m_impl->state.smoother == smoother) {
        return;
    }
    m_impl->state.smoother = smoother;
    smooth(m_impl->state);
    m_impl->schedule(true);
}

void ChartWidget::setBaseline(const QString& id) {
    m_impl->state.baseline = id;
    m_impl->redrawCursor();
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

void ChartWidget::setEmphasis(const QStringList& ids) {
    if (m_impl->state.emphasis != ids) {
        m_impl->state.emphasis = ids;
        m_impl->schedule(true);
    }
}

QStringList ChartWidget::emphasis() const {
    return m_impl->state.standsOut();
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

void ChartWidget::setVeil(const QString& text) {
    if (m_impl->state.veil != text) {
        m_impl->state.veil = text;
        setAccessibleDescription(describe(m_impl->state));
        m_impl->redrawCursor();  // curves of any length are dimmed without being drawn anew
    }
}

const QString& ChartWidget::veil() const {
    return m_impl->state.veil;
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

void ChartWidget::zoomX(double x0, double x1) {
    m_impl->setRange({x0, x1, m_impl->full.y0, m_impl->full.y1});
    m_impl->noteUserRange();
    m_impl->isAlongX = true;
    m_impl->schedule(false);
}

bool ChartWidget::isZoomedAlongX() const {
    return m_impl->isZoomed && m_impl->isAlongX;
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
        m_impl->pointAtLegend({});
        m_impl->redrawCursor();
    }
    if (watched == m_impl->plot && event->type() == QEvent::Resize) {
        m_impl->schedule(true);
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace rlcm::ui
