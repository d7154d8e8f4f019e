#pragma once
// Lists of whole numbers as people type them.
#include <QString>
#include <cstdint>
#include <vector>

namespace rlcm::ui {

/// Reads "0, 1, 2" or "0-2, 7". Empty text: an empty list. throws: Config naming the part that is not a number, is below
/// `minimum`, stands twice, or makes more than 100 values.
std::vector<std::int64_t> parseNumberList(const QString& text, std::int64_t minimum);

}  // namespace rlcm::ui
