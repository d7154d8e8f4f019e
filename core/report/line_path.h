#pragma once
// A line with as many points as can be seen. Inside core/report only.
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace rlcm::report {

struct Point {
    double x = 0, y = 0;
};

/// Takes points from left to right and keeps of each column of the page the first, the last, the lowest and the highest: what is
/// drawn looks the same and costs the page's width, not the run's length. Gaps stay gaps.
class LinePath {
public:
    /// `columnWidth` in the unit of x.
    explicit LinePath(double columnWidth) : m_columnWidth(columnWidth) {}
    void add(double x, double y);
    /// A value that has no place: the line breaks.
    void addGap();
    /// Nothing may follow.
    void finish() { addGap(); }

    /// Unbroken lines of two points or more; very long ones in several pieces that begin where the one before ended.
    const std::vector<std::vector<Point>>& pieces() const { return m_pieces; }
    /// Points without a neighbour, one a column and row.
    const std::vector<Point>& lonePoints() const { return m_lone; }
    /// Points that were added.
    std::size_t count() const { return m_count; }

private:
    struct Column {
        double place = 0;
        Point first, last, low, high;
        bool isLowFirst = true;
    };
    void flush();
    void push(const Point& point);

    double m_columnWidth;
    std::optional<Column> m_column;
    std::vector<Point> m_line;
    std::size_t m_inLine = 0, m_count = 0;
    std::vector<std::vector<Point>> m_pieces;
    std::vector<Point> m_lone;
};

}  // namespace rlcm::report
