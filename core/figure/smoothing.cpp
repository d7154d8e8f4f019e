#include "core/figure/smoothing.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace rlcm::figure {
namespace {

constexpr double kNoPoint = std::numeric_limits<double>::quiet_NaN();

/// The members of a window by their rank among all values: counts in a binary indexed tree (Fenwick 1994).
class RankedWindow {
public:
    explicit RankedWindow(std::size_t size) : m_counts(size + 1, 0) {}
    void change(std::size_t rank, int by) {
        m_size = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(m_size) + by);
        for (std::size_t i = rank + 1; i < m_counts.size(); i += i & (~i + 1)) {
            m_counts[i] += by;
        }
    }
    std::size_t size() const { return m_size; }
    /// Rank of the member with `smaller` members below it.
    std::size_t at(std::size_t smaller) const {
        std::size_t place = 0;
        auto left = static_cast<int>(smaller);
        for (std::size_t step = std::bit_floor(m_counts.size() - 1); step > 0; step /= 2) {
            if (place + step < m_counts.size() && m_counts[place + step] <= left) {
                place += step;
                left -= m_counts[place];
            }
        }
        return place;
    }

private:
    std::vector<int> m_counts;
    std::size_t m_size = 0;
};

/// Finite points, and how their values are ordered.
struct Ranked {
    std::vector<double> x, y, sorted;
    std::vector<std::size_t> rank, place;  ///< of each point among the values; of each in what was given
};

Ranked ranked(std::span<const double> x, std::span<const double> y) {
    Ranked points;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
        if (std::isfinite(y[i])) {
            points.x.push_back(x[i]);
            points.y.push_back(y[i]);
            points.place.push_back(i);
        }
    }
    std::vector<std::size_t> order(points.y.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return points.y[i]; });
    points.rank.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        points.rank[order[i]] = i;
        points.sorted.push_back(points.y[order[i]]);
    }
    return points;
}

double medianOf(const RankedWindow& window, const std::vector<double>& sorted) {
    const std::size_t half = window.size() / 2;
    const double upper = sorted[window.at(half)];
    return window.size() % 2 == 1 ? upper : (upper + sorted[window.at(half - 1)]) / 2;
}

}  // namespace

std::vector<double> smoothByHalfLife(std::span<const double> x, std::span<const double> y, double halfLife) {
    const std::size_t count = std::min(x.size(), y.size());
    std::vector<double> out(count, kNoPoint);
    double sum = 0, weight = 0, lastX = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!std::isfinite(y[i])) {
            continue;
        }
        if (halfLife <= 0) {
            out[i] = y[i];
            continue;
        }
        const double decay = weight > 0 ? std::exp2(-std::max(0.0, x[i] - lastX) / halfLife) : 0.0;
        sum = sum * decay + y[i];
        weight = weight * decay + 1.0;
        lastX = x[i];
        out[i] = sum / weight;
    }
    return out;
}

std::vector<double> smoothByWindow(std::span<const double> x, std::span<const double> y, const Smoothing& smoothing) {
    const Ranked points = ranked(x, y);
    std::vector<double> out(std::min(x.size(), y.size()), kNoPoint);
    std::vector<double> sums(points.y.size() + 1, 0);
    std::partial_sum(points.y.begin(), points.y.end(), sums.begin() + 1);
    RankedWindow window(points.y.size());
    std::size_t first = 0, end = 0;
    for (std::size_t i = 0; i < points.y.size(); ++i) {
        for (; end < points.x.size() && points.x[end] - points.x[i] <= smoothing.width; ++end) {
            window.change(points.rank[end], 1);
        }
        for (; points.x[i] - points.x[first] > smoothing.width; ++first) {
            window.change(points.rank[first], -1);
        }
        out[points.place[i]] =
            smoothing.smoother == Smoother::Median ? medianOf(window, points.sorted) : (sums[end] - sums[first]) / static_cast<double>(end - first);
    }
    return out;
}

std::vector<double> smoothed(std::span<const double> x, std::span<const double> y, const Smoothing& smoothing) {
    return smoothing.width <= 0 || smoothing.smoother == Smoother::Exponential ? smoothByHalfLife(x, y, smoothing.width) : smoothByWindow(x, y, smoothing);
}

}  // namespace rlcm::figure
