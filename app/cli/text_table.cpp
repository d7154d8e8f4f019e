#include "app/cli/text_table.h"
#include "core/base/plain_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace rlcm::cli {
namespace {

/// Characters, not bytes: the number of bytes that begin a UTF-8 character.
std::size_t shownWidth(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool isNumeric(const std::string& text) {
    return text.find_first_not_of("0123456789.+-e:/ ") == std::string::npos;
}

}  // namespace

std::string textTable(std::vector<std::vector<std::string>> rows) {
    std::vector<std::size_t> widths;
    std::vector<bool> areNumbers;
    for (auto& row : rows) {
        std::transform(row.begin(), row.end(), row.begin(), printable);
        widths.resize(std::max(widths.size(), row.size()));
        areNumbers.resize(widths.size(), rows.size() > 1);
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], shownWidth(row[i]));
            areNumbers[i] = areNumbers[i] && (&row == &rows.front() || isNumeric(row[i]));
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string blanks(widths[i] - shownWidth(row[i]), ' ');
            line += (i == 0 ? "" : "  ") + (areNumbers[i] ? blanks + row[i] : row[i] + blanks);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        if (&row == &rows.front()) {
            std::size_t total = 0;
            for (const std::size_t width : widths) {
                total += width + 2;
            }
            text += std::string(total > 2 ? total - 2 : 0, '-') + "\n";
        }
    }
    return text;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
    std::istringstream words(text);
    std::string result, line(indent, ' '), word;
    while (words >> word) {
        if (line.size() > indent && line.size() + 1 + word.size() > width) {
            result += line + "\n";
            line.assign(indent, ' ');
        }
        line += (line.size() > indent ? " " : "") + word;
    }
    return result + line + "\n";
}

std::string durationText(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) {
        return "-";
    }
    const auto whole = static_cast<long long>(std::llround(seconds));
    std::array<char, 40> buffer{};
    if (whole >= 3600) {
        std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    } else if (whole >= 60) {
        std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld", whole / 60, whole % 60);
    } else {
        std::snprintf(buffer.data(), buffer.size(), "%lld s", whole);
    }
    return buffer.data();
}

std::string shortNumber(double value, int digits) {
    if (std::isnan(value)) {
        return "-";
    }
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
    return buffer.data();
}

}  // namespace rlcm::cli
