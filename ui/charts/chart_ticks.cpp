#include "ui/charts/chart_ticks.h"

#include <algorithm>
#include <cmath>

namespace rlcm::ui {
namespace {

QString number(double tick) {
    const double size = std::abs(tick);
    QString text;
    if (size >= 1e9)
        text = QString::number(size / 1e9, 'g', 6) + QLatin1Char('G');
    else if (size >= 1e6)
        text = QString::number(size / 1e6, 'g', 6) + QLatin1Char('M');
    else if (size >= 1e4)
        text = QString::number(size / 1e3, 'g', 6) + QLatin1Char('k');
    else
        text = QString::number(size, 'g', 6);
    return tick < 0 && text != QLatin1String("0") ? QStringLiteral("−") + text : text;
}

}  // namespace

QString CountTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    return number(tick);
}

double WholeTicker::getTickStep(const QCPRange& range) {
    return std::max(1.0, CountTicker::getTickStep(range));
}

QString LogTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    return number(tick);
}

double DurationTicker::getTickStep(const QCPRange& range) {
    m_end = std::abs(range.upper);
    const double wanted = range.size() / tickCount();
    for (double step : {0.1,  0.2,  0.5,  1.,   2.,    5.,    10.,   15.,    30.,    60.,
                        120., 300., 600., 900., 1800., 3600., 7200., 10800., 21600., 43200.}) {
        if (step >= wanted) return m_step = step;
    }
    return m_step = 86400.0 * std::ceil(wanted / 86400.0);
}

QString DurationTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    const auto two = [](double n) {
        return QStringLiteral("%1").arg(static_cast<int>(n), 2, 10, QLatin1Char('0'));
    };
    const double rounded = std::abs(tick) < m_step * 1e-6 ? 0.0 : tick;
    if (rounded == 0) return QStringLiteral("0");
    if (m_end < 180) return QStringLiteral("%1 s").arg(QString::number(rounded, 'g', 4));
    const double seconds = std::round(rounded);
    if (m_end < 3 * 3600 && m_step >= 60)
        return QStringLiteral("%1 min").arg(QString::number(seconds / 60, 'g', 4));
    if (m_end < 3 * 3600)
        return QStringLiteral("%1:%2 min").arg(std::floor(seconds / 60)).arg(two(std::fmod(seconds, 60)));
    if (m_step >= 3600) return QStringLiteral("%1 h").arg(QString::number(seconds / 3600, 'g', 5));
    return QStringLiteral("%1:%2 h").arg(std::floor(seconds / 3600)).arg(two(std::fmod(seconds / 60, 60)));
}

}  // namespace rlcm::ui
