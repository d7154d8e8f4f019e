#include "core/figure/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace rlcm::figure {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Reads one curve at ascending x values in one sweep.
class Sweep {
public:
    explicit Sweep(const Curve& curve) : m_curve(curve) {
        const auto isFinite = [](double y) { return std::isfinite(y); };
        const auto begin = std::find_if(curve.y.begin(), curve.y.end(), isFinite);
        if (begin == curve.y.end()) {
            return;
        }
        const auto end = std::find_if(curve.y.rbegin(), curve.y.rend(), isFinite);
        m_first = curve.x[static_cast<std::size_t>(begin - curve.y.begin())];
        m_last = curve.x[static_cast<std::size_t>(end.base() - curve.y.begin() - 1)];
    }
    bool hasPoints() const { return m_first <= m_last; }
    /// Between its first and its last finite point.
    bool isUnderWay(double x) const { return x >= m_first && x <= m_last; }
    double at(double x) {
        const auto& xs = m_curve.x;
        const auto& ys = m_curve.y;
        while (m_next < xs.size() && xs[m_next] < x) {
            ++m_next;
        }
        if (m_next == xs.size()) {
            return kNan;
        }
        if (xs[m_next] == x) {
            return ys[m_next];
        }
        if (m_next == 0) {
            return kNan;
        }
        const double share = (x - xs[m_next - 1]) / (xs[m_next] - xs[m_next - 1]);
        return ys[m_next - 1] + share * (ys[m_next] - ys[m_next - 1]);
    }

private:
    const Curve& m_curve;
    std::size_t m_next = 0;  // first point at or after the last x asked for
    double m_first = std::numeric_limits<double>::infinity(), m_last = -m_first;
};

/// Half widths of the band around the mean, or the extremes themselves.
std::pair<double, double> bandOf(std::span<const double> values, double mean, Band band) {
    if (band == Band::MinMax) {
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        return {*low, *high};
    }
    const int n = static_cast<int>(values.size());
    if (n < 2) {
        return {mean, mean};
    }
    double squares = 0;
    for (double v : values) {
        squares += (v - mean) * (v - mean);
    }
    double half = std::sqrt(squares / (n - 1));
    if (band == Band::Confidence95) {
        half *= studentT95(n - 1) / std::sqrt(n);
    }
    return {mean - half, mean + half};
}

}  // namespace

double interpolate(const Curve& curve, double x) {
    return Sweep(curve).at(x);
}

GroupCurve groupCurves(std::span<const Curve> curves, Band band) {
    std::vector<Sweep> sweeps;
    std::vector<double> grid;
    for (const Curve& curve : curves) {
        Sweep sweep(curve);
        if (!sweep.hasPoints()) {
            continue;
        }
        grid.insert(grid.end(), curve.x.begin(), curve.x.end());
        sweeps.push_back(sweep);
    }
    std::sort(grid.begin(), grid.end());
    grid.erase(std::unique(grid.begin(), grid.end()), grid.end());

    GroupCurve result;
    result.runs = static_cast<int>(sweeps.size());
    std::vector<double> values;
    for (double x : grid) {
        values.clear();
        double sum = 0;
        for (Sweep& sweep : sweeps) {
            if (sweep.isUnderWay(x)) {
                sum += values.emplace_back(sweep.at(x));
            }
        }
        if (values.empty()) {
            continue;
        }
        const double mean = std::isfinite(sum) ? sum / static_cast<double>(values.size()) : kNan;
        const auto [low, high] = std::isnan(mean) ? std::pair{kNan, kNan} : bandOf(values, mean, band);
        result.x.push_back(x);
        result.mean.push_back(mean);
        result.low.push_back(low);
        result.high.push_back(high);
        result.counts.push_back(static_cast<int>(values.size()));
    }
    return result;
}

double studentT95(int degreesOfFreedom) {
    // 97.5 % quantiles for 1..30 degrees of freedom; beyond that the first terms of the expansion around the
    // normal one.
    constexpr std::array kTable{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
                                2.120,  2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    if (degreesOfFreedom < 1) {
        return kNan;
    }
    const auto index = static_cast<std::size_t>(degreesOfFreedom - 1);
    if (index < kTable.size()) {
        return kTable[index];
    }
    constexpr double z = 1.959964;
    return z + (z * z * z + z) / (4.0 * degreesOfFreedom);
}

}  // namespace rlcm::figure
