#pragma once
// Images in rows and columns as one picture. Inside core/report only.
#include <string>
#include <utility>
#include <vector>

#include "core/report/report.h"

namespace rlcm::report {

using TextEntries = std::vector<std::pair<std::string, std::string>>;

/// Writes a sheet; one without headers may end within a row of `columns`. throws: as exportSheet.
void writeSheet(const Sheet& sheet, int columns, const std::filesystem::path& file, const GridOptions& options, const TextEntries& text);

}  // namespace rlcm::report
