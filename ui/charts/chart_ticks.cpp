#include "ui/charts/chart_ticks.h"

#include <algorithm>
#include <cmath>

#include "core/base/number_text.h"

namespace rlcm::ui {
namespace {

/// Decades of a logarithmic axis stand alone: each is written with its own digits only.
QString decade(double tick) {
    const double power = std::pow(10.0, std::floor(std::log10(std::abs(tick)) + 1e-9));
    return QString::fromStdString(tickText(tick, power, std::abs(tick)));
}

}  // namespace

double CountTicker::getTickStep(const QCPRange& range) {
    m_largest = std::max(std::abs(range.lower), std::abs(range.upper));
    return m_step = QCPAxisTicker::getTickStep(range);
}

QString CountTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    return QString::fromStdString(tickText(tick, m_step, m_largest));
}

double WholeTicker::getTickStep(const QCPRange& range) {
    const double step = CountTicker::getTickStep(range), digits = step / std::pow(10.0, std::floor(std::log10(step)));
    const bool isQuarter = digits > 2.4 && digits < 2.6;  // up to nine labels, or 2.5 epochs: every other one is enough
    return m_step = std::max(1.0, isQuarter ? 2 * step : step);
}

QString LogTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    return tick == 0 ? QStringLiteral("0") : decade(tick);
}

QVector<double> NiceLogTicker::createTickVector(double, const QCPRange& range) {
    QVector<double> ticks;
    if (range.lower <= 0) {
        return ticks;
    }
    const double decades = std::log10(range.upper / range.lower);
    for (double power = std::pow(10.0, std::floor(std::log10(range.lower))); power <= range.upper; power *= 10) {
        for (const double factor : {1.0, 1.5, 2.0, 3.0, 5.0, 7.0}) {
            const bool isWanted = factor == 1 || (decades < 3 && (factor == 2 || factor == 5)) || decades < 0.8;
            if (isWanted && factor * power >= range.lower && factor * power <= range.upper) {
                ticks.append(factor * power);
            }
        }
    }
    return ticks;
}

QString NiceLogTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    return tick < 1e4 ? QString::number(tick, 'g', 4) : decade(tick);
}

double DurationTicker::getTickStep(const QCPRange& range) {
    m_end = std::abs(range.upper);
    const double wanted = range.size() / tickCount();
    for (double step : {0.1, 0.2, 0.5, 1., 2., 5., 10., 15., 30., 60., 120., 300., 600., 900., 1800., 3600., 7200., 10800., 21600., 43200.}) {
        if (step >= wanted) {
            return m_step = step;
        }
    }
    return m_step = 86400.0 * std::ceil(wanted / 86400.0);
}

QString DurationTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    const auto two = [](double n) { return QStringLiteral("%1").arg(static_cast<int>(n), 2, 10, QLatin1Char('0')); };
    const double rounded = std::abs(tick) < m_step * 1e-6 ? 0.0 : tick;
    if (rounded == 0) {
        return QStringLiteral("0");
    }
    if (m_end < 180) {
        return QStringLiteral("%1 s").arg(QString::number(rounded, 'g', 4));
    }
    const double seconds = std::round(rounded);
    if (m_end < 3 * 3600 && m_step >= 60) {
        return QStringLiteral("%1 min").arg(QString::number(seconds / 60, 'g', 4));
    }
    if (m_end < 3 * 3600) {
        return QStringLiteral("%1:%2 min").arg(std::floor(seconds / 60)).arg(two(std::fmod(seconds, 60)));
    }
    if (m_step >= 3600) {
        return QStringLiteral("%1 h").arg(QString::number(seconds / 3600, 'g', 5));
    }
    return QStringLiteral("%1:%2 h").arg(std::floor(seconds / 3600)).arg(two(std::fmod(seconds / 60, 60)));
}

}  // namespace rlcm::ui
