#pragma once
// A chart in words. Private to ui/charts.
#include "ui/charts/chart_scene.h"

namespace rlcm::ui {

/// Titles, and of each curve its first and last value: for screen readers and tests.
QString describe(const ChartState& state);

}  // namespace rlcm::ui
