#include "ui/view/live_view.h"

#include <QJsonArray>
#include <algorithm>

namespace rlcm::ui {

namespace {

QString word(const char* name) {
    return QLatin1String(name);
}

QJsonValue panelJson(const LivePanel& panel) {
    QJsonArray measures;
    for (const std::string& measure : panel.measures) {
        measures.append(QString::fromStdString(measure));
    }
    return QJsonObject{{word("measures"), measures}, {word("zoom"), zoomJson(panel.zoom)}, {word("logY"), panel.isLogY}};
}

/// Without measures it is none.
LivePanel panelOf(const QJsonObject& json) {
    LivePanel panel{.measures = {}, .zoom = zoomOf(json[word("zoom")]), .isLogY = json[word("logY")].toBool()};
    for (const QJsonValue measure : json[word("measures")].toArray()) {
        if (const std::string name = measure.toString().toStdString(); !name.empty()) {
            panel.measures.push_back(name);
        }
    }
    return panel;
}

}  // namespace

QJsonValue zoomJson(const std::optional<Zoom>& zoom) {
    if (!zoom) {
        return {};
    }
    return zoom->hasY ? QJsonArray{zoom->x0, zoom->x1, zoom->y0, zoom->y1} : QJsonArray{zoom->x0, zoom->x1};
}

std::optional<Zoom> zoomOf(const QJsonValue& value) {
    const QJsonArray sides = value.toArray();
    Zoom zoom{.x0 = sides.at(0).toDouble(), .x1 = sides.at(1).toDouble(), .hasY = sides.size() == 4};
    if (zoom.hasY) {
        zoom.y0 = sides.at(2).toDouble();
        zoom.y1 = sides.at(3).toDouble();
    }
    return (zoom.hasY || sides.size() == 2) && zoom.x0 < zoom.x1 && zoom.y0 < zoom.y1 ? std::optional(zoom) : std::nullopt;
}

const std::vector<std::string>& rewardMeasures() {
    static const std::vector<std::string> kAll{std::string(run::measure::kRewardMean), std::string(run::measure::kEvalRewardMean),
                                               std::string(run::measure::kEvalHeldOutRewardMean)};
    return kAll;
}

void LiveView::showWhole() {
    for (LivePanel& panel : panels) {
        panel.zoom.reset();
    }
}

void LiveView::showMeasure(const std::string& name) {
    if (panels.size() < 2) {
        panels.push_back({});
    }
    panels.back() = {{name}, panels.back().zoom, panels.back().isLogY};
    if (panels.back().zoom) {
        panels.back().zoom->hasY = false;  // of other values
    }
}

QJsonObject liveJson(const LiveView& live) {
    QJsonArray panels;
    std::ranges::transform(live.panels, std::back_inserter(panels), panelJson);
    return {{word("axis"), axisKey(live.axis)},
            {word("panels"), panels},
            {word("halfLife"), live.halfLife},
            {word("log"), live.isLogOpen},
            {word("imagesLarger"), live.imagesLarger}};
}

LiveView liveOf(const QJsonObject& json) {
    LiveView live;
    live.axis = axisOfKey(json[word("axis")].toString(), live.axis);
    live.imagesLarger = std::max(0, json[word("imagesLarger")].toInt(live.imagesLarger));
    live.halfLife = std::max(0, json[word("halfLife")].toInt(live.halfLife));
    live.isLogOpen = json[word("log")].toBool(live.isLogOpen);
    std::vector<LivePanel> panels;
    for (const QJsonValue panel : json[word("panels")].toArray()) {
        panels.push_back(panelOf(panel.toObject()));
    }
    std::erase_if(panels, [](const LivePanel& panel) { return panel.measures.empty(); });
    if (!panels.empty()) {
        panels.resize(std::min(panels.size(), kMostPanels));
        live.panels = std::move(panels);
    } else if (const QString measure = json[word("measure")].toString(); !measure.isEmpty()) {
        live.showMeasure(measure.toStdString());  // as written when there were two charts
    }
    return live;
}

}  // namespace rlcm::ui
