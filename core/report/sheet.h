#pragma once
// Images in rows and columns as one picture. Inside core/report only.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/report/report.h"

namespace rlcm::report {

using TextEntries = std::vector<std::pair<std::string, std::string>>;

/// Writes a sheet; one without headers may end within a row of `columns`. `text`: of what stands in a file. throws: as exportSheet.
void writeSheet(const Sheet& sheet, int columns, const std::filesystem::path& file, const GridOptions& options,
                const std::function<TextEntries(const Sheet&)>& text);
/// What it would be. throws: Config as exportSheet.
GridSize sizeOf(const Sheet& sheet, int columns, const GridOptions& options);

}  // namespace rlcm::report
