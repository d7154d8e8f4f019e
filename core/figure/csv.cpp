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

std::vector<std::vector<std::string>> csvRows(std::string_view text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row{{}};
    bool isQuoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isQuoted && c == '"') {
            const bool isDoubled = i + 1 < text.size() && text[i + 1] == '"';
            if (isDoubled) {
                row.back() += text[++i];
            }
            isQuoted = isDoubled;
        } else if (isQuoted) {
            row.back() += c;
        } else if (c == '"') {
            isQuoted = true;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\n') {
            rows.push_back(std::move(row));
            row = {{}};
        } else if (c != '\r') {
            row.back() += c;
        }
    }
    return rows;
}

}  // namespace rlcm::figure
