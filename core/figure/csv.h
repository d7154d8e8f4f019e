#pragma once
// Comma-separated tables (RFC 4180): the one writer, with the one rule for quotes and for numbers.
#include <string>
#include <string_view>

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

}  // namespace rlcm::figure
