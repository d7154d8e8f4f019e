#pragma once
// Axis labels that read well: counts as "20k", seconds as "1:30 h". Private to ui/charts.
#include "ui/charts/plot_library.h"

namespace rlcm::ui {

class CountTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;

    double m_step = 1, m_largest = 1;
};

/// For the horizontal axis, where everything but time is counted in whole numbers: there is no epoch 0.25.
class WholeTicker : public CountTicker {
protected:
    double getTickStep(const QCPRange& range) override;
};

class DurationTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange& range) override;
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;

private:
    double m_step = 1, m_end = 0;
};

class LogTicker : public QCPAxisTickerLog {
protected:
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;
};

/// 1, 2, 5, 10, 20 ... or tens alone, whatever fits: for logarithmic axes over less than a few decades.
class NiceLogTicker : public QCPAxisTicker {
protected:
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;
};

}  // namespace rlcm::ui
