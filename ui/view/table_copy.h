#pragma once
#include <functional>
#include <string>

#include "core/figure/text_table.h"

class QToolButton;
class QWidget;

namespace rlcm::ui {

/// A table as it is copied.
struct TableTexts {
    std::function<std::string()> tsv;           ///< every number whole, for a spreadsheet
    std::function<figure::TextTable()> people;  ///< for Markdown and LaTeX
};
/// Lets what is in `owner` be copied: Ctrl+C for a spreadsheet, and a button with all ways, which the caller lays out. `name` is the button's.
QToolButton* makeCopyButton(QWidget* owner, const char* name, TableTexts texts);

}  // namespace rlcm::ui
