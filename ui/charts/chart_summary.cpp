#include "ui/charts/chart_summary.h"

#include <algorithm>
#include <cmath>

#include "ui/widgets/format.h"

namespace rlcm::ui {

QString describe(const ChartState& state) {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Chart", text); };
    if (!state.veil.isEmpty()) {
        return state.veil;
    }
    if (state.series.empty()) {
        return tr("Empty chart. %1").arg(emptyTextOf(state)).trimmed();
    }
    QStringList lines;
    lines << tr("%1 against %2, %3 curves.").arg(state.yTitle, state.xTitle).arg(state.series.size());
    for (std::size_t s = 0; s < state.series.size(); ++s) {
        const Series& series = state.series[s];
        const auto& y = state.shown[s];
        const auto last = std::find_if(y.rbegin(), y.rend(), [](double v) { return std::isfinite(v); });
        if (last == y.rend()) {
            lines << tr("%1: no value.").arg(series.label);
            continue;
        }
        const auto first = std::find_if(y.begin(), y.end(), [](double v) { return std::isfinite(v); });
        lines << tr("%1: from %2 to %3.").arg(series.label, formatReward(*first), formatReward(*last));
    }
    return lines.join(QLatin1Char(' '));
}

}  // namespace rlcm::ui
