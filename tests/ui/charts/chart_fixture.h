#pragma once
// Curves to draw and looks at what was written, for the tests of the charts.
#include <QFile>

#include <cmath>
#include <limits>
#include <random>

#include "ui/charts/chart_widget.h"
#include "ui/theme/theme.h"

namespace rlcm::test {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

inline ui::Series curve(const QString& id, int points, int colour, double noise = 0.3, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, noise);
    ui::Series series{.id = id, .label = QStringLiteral("rlcm H4 compressibility s%1").arg(id), .colour = ui::runColour(colour)};
    for (int i = 0; i < points; ++i) {
        series.x.push_back(i);
        series.y.push_back(-3 + 2.2 * (1 - std::exp(-3.0 * i / points)) - 0.2 * colour + normal(random));
    }
    return series;
}

inline QByteArray contents(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

}  // namespace rlcm::test
