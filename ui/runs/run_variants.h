#pragma once
// Several runs from one set of settings: every seed with every horizon.
#include <QString>
#include <cstdint>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::ui {

/// Reads "0, 1, 2" or "0-2, 7". Empty text: an empty list. throws: Config naming the part that is not a number, is below
/// `minimum`, stands twice, or makes more than 100 values.
std::vector<std::int64_t> parseNumberList(const QString& text, std::int64_t minimum);

/// `config` with every seed and horizon; an empty list means the value in `config`. A name typed by the user gets the
/// seed and horizon appended where they vary.
std::vector<run::RunConfig> variants(const run::RunConfig& config, const std::vector<std::int64_t>& seeds, const std::vector<std::int64_t>& horizons);

}  // namespace rlcm::ui
