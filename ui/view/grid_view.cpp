#include "ui/view/grid_view.h"

#include <QJsonArray>
#include <algorithm>
#include <set>

namespace rlcm::ui {
namespace {

constexpr int kGroups = 3, kOrders = 2, kBadges = 3, kHeats = 3;

template <typename Enum>
Enum oneOf(const QJsonValue& value, Enum fallback, int count) {
    const int index = value.toInt(-1);
    return index >= 0 && index < count ? static_cast<Enum>(index) : fallback;
}

}  // namespace

QJsonObject gridJson(const GridView& grid) {
    QJsonArray axes, ranges;
    for (const figure::PivotAxis axis : grid.pivot.axes) {
        axes.append(static_cast<int>(axis));
    }
    for (const std::string& range : grid.pivot.ranges) {
        ranges.append(QString::fromStdString(range));
    }
    return {{QStringLiteral("axes"), axes},
            {QStringLiteral("ranges"), ranges},
            {QStringLiteral("prompts"), static_cast<int>(grid.pivot.prompts)},
            {QStringLiteral("order"), static_cast<int>(grid.pivot.order)},
            {QStringLiteral("page"), grid.page},
            {QStringLiteral("side"), grid.side},
            {QStringLiteral("badge"), static_cast<int>(grid.badge)},
            {QStringLiteral("heat"), static_cast<int>(grid.heat)}};
}

GridView gridOf(const QJsonObject& json) {
    GridView grid;
    std::array<figure::PivotAxis, figure::kPivotSlots> axes{};
    const QJsonArray wanted = json[QStringLiteral("axes")].toArray();
    for (std::size_t slot = 0; slot < axes.size(); ++slot) {
        axes[slot] = oneOf(wanted.at(static_cast<qsizetype>(slot)), grid.pivot.axes[slot], figure::kPivotAxes);
    }
    if (std::set(axes.begin(), axes.end()).size() == axes.size()) {
        grid.pivot.axes = axes;
    }
    const QJsonArray ranges = json[QStringLiteral("ranges")].toArray();
    for (std::size_t axis = 0; axis < grid.pivot.ranges.size(); ++axis) {
        grid.pivot.ranges[axis] = ranges.at(static_cast<qsizetype>(axis)).toString().toStdString();
    }
    grid.pivot.prompts = oneOf(json[QStringLiteral("prompts")], grid.pivot.prompts, kGroups);
    grid.pivot.order = oneOf(json[QStringLiteral("order")], grid.pivot.order, kOrders);
    grid.page = std::max(0, json[QStringLiteral("page")].toInt(grid.page));
    grid.side = std::clamp(json[QStringLiteral("side")].toInt(grid.side), kLeastGridSide, kLargestGridSide);
    grid.badge = oneOf(json[QStringLiteral("badge")], grid.badge, kBadges);
    grid.heat = oneOf(json[QStringLiteral("heat")], grid.heat, kHeats);
    return grid;
}

}  // namespace rlcm::ui
