#pragma once
// Comma-separated tables (RFC 4180): the one writer, with the one rule for quotes and for numbers, and its reader.
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::figure {

/// Shortest text that reads back to the same number; "nan", "inf", "-inf" for the others.
std::string exactText(double value);

/// Collects a table cell by cell. thread: one at a time.
class CsvTable {
public:
    /// A text, in quotes when it holds a comma, a quote or a line break.
    CsvTable& cell(std::string_view text);
    /// A number that reads back exactly.
    CsvTable& cell(double value);
    void endRow();
    /// The rows so far, each ended by a line feed.
    const std::string& text() const { return m_text; }

private:
    void separate();
    std::string m_text;
    bool m_isRowBegun = false;
};

/// The rows of a table, each with its cells; quotes are taken off. A row that the text breaks off in is left out.
std::vector<std::vector<std::string>> csvRows(std::string_view text);

}  // namespace rlcm::figure
