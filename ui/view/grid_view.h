#pragma once
// Choices of the page that shows images as rows, columns and pages.
#include <QJsonObject>

#include "core/figure/pivot_grid.h"

namespace rlcm::ui {

/// What stands on an image.
enum class GridBadge { None, Reward, Judge };
/// What the colour of its border is.
enum class GridHeat { None, Reward, Change };

struct GridView {
    figure::PivotSpec pivot;
    int page = 0;    ///< from 0; pages of runs and epochs follow the selection and the time bar as far as they have that page
    int side = 128;  ///< of an image, in logical pixels
    GridBadge badge = GridBadge::Reward;
    GridHeat heat = GridHeat::Change;
    bool operator==(const GridView&) const = default;
};
inline constexpr int kLeastGridSide = 32, kLargestGridSide = 384;

QJsonObject gridJson(const GridView& grid);
/// What is absent, of another kind or out of range is as in a fresh GridView.
GridView gridOf(const QJsonObject& json);

}  // namespace rlcm::ui
