#include "core/report/line_path.h"

#include <utility>

namespace rlcm::report {
namespace {

/// Stroking a path costs more than its length: round joins are cut against each other.
constexpr std::size_t kLongestPiece = 256;

bool isSame(const Point& a, const Point& b) {
    return a.x == b.x && a.y == b.y;
}

}  // namespace

void LinePath::add(double x, double y) {
    const Point point{x, y};
    const double place = std::floor(x / m_columnWidth);
    ++m_count;
    ++m_inLine;
    if (m_column && m_column->place != place) {
        flush();
    }
    if (!m_column) {
        m_column = Column{place, point, point, point, point, true};
        return;
    }
    m_column->last = point;
    if (y < m_column->low.y) {
        m_column->low = point;
        m_column->isLowFirst = false;
    }
    if (y > m_column->high.y) {
        m_column->high = point;
        m_column->isLowFirst = true;
    }
}

void LinePath::addGap() {
    flush();
    if (m_inLine == 1) {
        const Point& point = m_line.front();
        const auto isNear = [&](const Point& other) { return std::abs(other.x - point.x) < m_columnWidth && std::abs(other.y - point.y) < 1; };
        if (m_lone.empty() || !isNear(m_lone.back())) {
            m_lone.push_back(point);
        }
    } else if (m_line.size() > 1) {
        m_pieces.push_back(std::move(m_line));
    }
    m_line.clear();
    m_inLine = 0;
}

void LinePath::flush() {
    if (!m_column) {
        return;
    }
    const Column column = *std::exchange(m_column, std::nullopt);
    push(column.first);
    push(column.isLowFirst ? column.low : column.high);
    push(column.isLowFirst ? column.high : column.low);
    push(column.last);
}

void LinePath::push(const Point& point) {
    if (!m_line.empty() && isSame(m_line.back(), point)) {
        return;
    }
    m_line.push_back(point);
    if (m_line.size() >= kLongestPiece) {
        m_pieces.push_back(m_line);
        m_line = {point};
    }
}

}  // namespace rlcm::report
