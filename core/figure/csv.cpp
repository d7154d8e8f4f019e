#include "core/figure/csv.h"

#include <array>
#include <charconv>

namespace rlcm::figure {

std::string exactText(double value) {
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

void CsvTable::separate() {
    if (m_isRowBegun) {
        m_text += ',';
    }
    m_isRowBegun = true;
}

CsvTable& CsvTable::cell(std::string_view text) {
    separate();
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        m_text += text;
        return *this;
    }
    m_text += '"';
    for (const char c : text) {
        m_text.append(c == '"' ? 2 : 1, c);
    }
    m_text += '"';
    return *this;
}

CsvTable& CsvTable::cell(double value) {
    return cell(exactText(value));
}

void CsvTable::endRow() {
    m_text += '\n';
    m_isRowBegun = false;
}

}  // namespace rlcm::figure
