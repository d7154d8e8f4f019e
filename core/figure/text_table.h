#pragma once
// A table for people: on a page, in a paper, in a report.
#include <string>
#include <vector>

namespace rlcm::figure {

struct TextTable {
    std::vector<std::string> heads = {};
    std::vector<std::vector<std::string>> rows = {};  ///< as long as the heads
    std::string caption = {};                         ///< what the numbers are; empty: none
    /// How many columns from the first on are words; those after them are numbers, set to the right.
    int wordColumns = 1;
};

/// With the caption below.
std::string markdown(const TextTable& table);
/// A tabular of the booktabs package in a table with the caption.
std::string latex(const TextTable& table);

}  // namespace rlcm::figure
