#pragma once
// A study's report: one HTML file that needs neither network nor scripts.
#include <filesystem>
#include <string>

#include "core/study/answers.h"

namespace rlcm::study {

/// Question, answers with their intervals and numbers of runs, figures as SVG inside, images of the same noise, tables, settings, cost, environment and limits, of
/// whatever the workspace has: runs that are missing or have failed are named. throws: Store, and what reading pictures throws.
std::string reportHtml(const Findings& findings);
/// throws: Io, and as reportHtml.
void writeReport(const Findings& findings, const std::filesystem::path& file);

}  // namespace rlcm::study
