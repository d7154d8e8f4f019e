#include "core/figure/text_table.h"

#include <functional>
#include <string_view>

#include "core/base/plain_text.h"

namespace rlcm::figure {
namespace {

std::string markdownCell(const std::string& text) {
    return replaced(replaced(text, "|", "\\|"), "\n", " ");
}

std::string latexCell(const std::string& text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '\\':
                result += "\\textbackslash{}";
                break;
            case '~':
                result += "\\textasciitilde{}";
                break;
            case '^':
                result += "\\textasciicircum{}";
                break;
            case '&':
            case '%':
            case '$':
            case '#':
            case '_':
            case '{':
            case '}':
                result += '\\';
                [[fallthrough]];
            default:
                result += c;
        }
    }
    for (const auto& [sign, command] : {std::pair("\u00B1", "$\\pm$"), {"\u2212", "$-$"}, {"\u0394", "$\\Delta$"}, {"\u00B7", "$\\cdot$"}, {"\u2013", "--"}}) {
        result = replaced(result, sign, command);
    }
    return result;
}

std::string joined(const std::vector<std::string>& cells, std::string_view glue, const std::function<std::string(const std::string&)>& escape) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += (i == 0 ? "" : std::string(glue)) + escape(cells[i]);
    }
    return line;
}

}  // namespace

std::string markdown(const TextTable& table) {
    std::string text = "| " + joined(table.heads, " | ", markdownCell) + " |\n|";
    for (int column = 0; column < static_cast<int>(table.heads.size()); ++column) {
        text += column < table.wordColumns ? "---|" : "---:|";
    }
    text += "\n";
    for (const std::vector<std::string>& row : table.rows) {
        text += "| " + joined(row, " | ", markdownCell) + " |\n";
    }
    return text + (table.caption.empty() ? "" : "\n" + table.caption + "\n");
}

std::string latex(const TextTable& table) {
    std::string columns;
    for (int column = 0; column < static_cast<int>(table.heads.size()); ++column) {
        columns += column < table.wordColumns ? 'l' : 'r';
    }
    std::string text = "% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n\\begin{tabular}{" + columns + "}\n\\toprule\n" +
                       joined(table.heads, " & ", latexCell) + " \\\\\n\\midrule\n";
    for (const std::vector<std::string>& row : table.rows) {
        text += joined(row, " & ", latexCell) + " \\\\\n";
    }
    text += "\\bottomrule\n\\end{tabular}\n";
    return text + (table.caption.empty() ? "" : "\\caption{" + latexCell(table.caption) + "}\n") + "\\end{table}\n";
}

}  // namespace rlcm::figure
