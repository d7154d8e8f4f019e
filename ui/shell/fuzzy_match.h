#pragma once
#include <QString>
#include <optional>

namespace rlcm::ui {

/// How well what was typed fits a text; higher is better, nothing when it does not fit. Every word's letters must come in the text in their order, whatever
/// their case; letters that follow each other and those that begin a word count more, and so do short texts. Costs length times length.
std::optional<double> fuzzyScore(const QString& typed, const QString& text);

}  // namespace rlcm::ui
