#include "ui/view/page.h"

#include <QSplitter>

#include "ui/charts/chart_widget.h"

namespace rlcm::ui {

void Page::keepLayout(QSplitter* splitter, const QString& name) {
    m_splitters[name] = splitter;
    connect(splitter, &QSplitter::splitterMoved, this, [this, splitter, name] {
        const QByteArray bytes = m_shownLayout[name] = splitter->saveState();
        Q_EMIT proposed({[name, bytes](ViewState& state) { state.layout[name] = bytes; }, MergeKey::Layout});
    });
}

void Page::showLayout(const ViewState& state) {
    for (const auto& [name, splitter] : m_splitters) {
        const auto wanted = state.layout.find(name);
        if (wanted != state.layout.end() && m_shownLayout[name] != wanted->second) {
            m_shownLayout[name] = wanted->second;
            splitter->restoreState(wanted->second);
        }
    }
}

void Page::keepZoom(ChartWidget* chart, std::optional<Zoom>& (*part)(ViewState&)) {
    connect(chart, &ChartWidget::zoomChanged, this, [this, chart, part] {
        std::optional<Zoom> zoom;
        if (chart->isZoomed()) {
            const ChartWidget::Range range = chart->visibleRange();
            zoom = Zoom{range.x0, range.x1, range.y0, range.y1};
        }
        Q_EMIT proposed({[zoom, part](ViewState& state) { part(state) = zoom; }, MergeKey::Zoom});
    });
}

void Page::showZoom(ChartWidget& chart, const std::optional<Zoom>& zoom) {
    const QSignalBlocker quiet(&chart);
    if (!zoom) {
        if (chart.isZoomed()) {
            chart.resetZoom();
        }
        return;
    }
    const ChartWidget::Range range = chart.visibleRange();
    if (!zoom->hasY) {
        if (!chart.isZoomedAlongX() || zoom->x0 != range.x0 || zoom->x1 != range.x1) {
            chart.zoomX(zoom->x0, zoom->x1);
        }
        return;
    }
    if (!chart.isZoomed() || chart.isZoomedAlongX() || *zoom != Zoom{range.x0, range.x1, range.y0, range.y1}) {
        chart.zoomTo({zoom->x0, zoom->x1, zoom->y0, zoom->y1});
    }
}

}  // namespace rlcm::ui
