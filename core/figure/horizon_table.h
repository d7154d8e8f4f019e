#pragma once
// The table beside the chart of horizons, as text for other programs.
#include <string>
#include <vector>

#include "core/figure/horizons.h"
#include "core/figure/inference_times.h"
#include "core/figure/text_table.h"

namespace rlcm::figure {

/// A group at a budget with everything that the table says of it.
struct HorizonRow {
    HorizonGroup group;
    HorizonValue value = {};
    std::optional<InferenceTime> time = {};
    bool isOnFront = false;
};
/// What the numbers are, for heads and captions.
struct HorizonCaption {
    std::string value;   ///< "Evaluation reward (mean), compressibility (kB)"
    std::string budget;  ///< "288 reward queries"
    std::string band;    ///< "95 % t interval"
    std::string timing;  ///< "AMD EPYC, 2 threads, fp32, batch 1"; empty: not measured
};
/// One line for each row in its order, numbers that read back exactly; what is not measured is empty.
std::string horizonCsv(const std::vector<HorizonRow>& rows);
/// The same cells with tabs between them, for a spreadsheet.
std::string horizonTsv(const std::vector<HorizonRow>& rows);
/// Numbers as people read them, with the caption.
TextTable horizonTable(const std::vector<HorizonRow>& rows, const HorizonCaption& caption);
/// "RLCM", with the settings that tell it from others of its horizon: "RLCM, 0.01".
std::string methodText(const HorizonRow& row);
/// "-1.41 ±0.12", or with the ends where the interval is not symmetric: "-1.41 (-1.60 to -1.30)".
std::string valueWithBand(const HorizonValue& value);

}  // namespace rlcm::figure
