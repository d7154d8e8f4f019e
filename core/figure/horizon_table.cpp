#include "core/figure/horizon_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/number_text.h"
#include "core/figure/csv.h"

namespace rlcm::figure {
namespace {

constexpr std::array kHeads{"Method", "H", "NFE", "ms/image", "Value", "n", "Front"};

std::string methodOf(const HorizonRow& row) {
    return row.group.method == run::Method::Rlcm ? "RLCM" : "DDPO";
}

std::vector<std::string> cellsOf(const HorizonRow& row) {
    std::string value = valueWithBand(row.value);
    if (row.value.hasEnded) {
        value += " (ended at " + valueText(row.value.at) + ")";
    }
    return {methodText(row),
            std::to_string(row.group.steps),
            std::to_string(row.group.denoiserEvaluations),
            row.time ? valueText(row.time->medianMs) : "\u2013",
            value,
            std::to_string(row.value.runs),
            row.isOnFront ? "yes" : ""};
}

std::string captionText(const HorizonCaption& caption) {
    return caption.value + " at " + caption.budget + "; " + caption.band +
           (caption.timing.empty() ? "; time of an image not measured" : "; time of an image on " + caption.timing) + ".";
}

/// The heads and a line for each row, every number exactly; empty where there is none.
std::vector<std::vector<std::string>> exactCells(const std::vector<HorizonRow>& rows) {
    std::vector<std::vector<std::string>> cells{{"group", "method", "horizon", "denoiser_evaluations_per_image", "ms_per_image", "ms_per_image_quarter",
                                                 "ms_per_image_three_quarter", "value", "low", "high", "runs", "budget", "ended", "before_training", "front"}};
    for (const HorizonRow& row : rows) {
        const auto milliseconds = [&](double InferenceTime::* part) { return row.time ? exactText((*row.time).*part) : std::string(); };
        cells.push_back({row.group.label, methodOf(row), std::to_string(row.group.steps), std::to_string(row.group.denoiserEvaluations),
                         milliseconds(&InferenceTime::medianMs), milliseconds(&InferenceTime::quarterMs), milliseconds(&InferenceTime::threeQuarterMs),
                         exactText(row.value.mean), exactText(row.value.low), exactText(row.value.high), std::to_string(row.value.runs),
                         exactText(row.value.at), row.value.hasEnded ? "yes" : "no", exactText(row.value.base), row.isOnFront ? "yes" : "no"});
    }
    return cells;
}

}  // namespace

std::string methodText(const HorizonRow& row) {
    return methodOf(row) + (row.group.apart.empty() ? "" : ", " + row.group.apart);
}

std::string valueWithBand(const HorizonValue& value) {
    if (value.runs < 2 || !std::isfinite(value.low) || !std::isfinite(value.high)) {
        return valueText(value.mean);
    }
    const double up = value.high - value.mean, down = value.mean - value.low;
    if (std::abs(up - down) <= 1e-9 * std::max(std::abs(up), std::abs(down))) {
        // As many decimals as the value has: more would only look exact.
        const std::string change = changeText(up, value.mean);
        return valueText(value.mean) + " \u00B1" + (change.starts_with('+') ? change.substr(1) : "0");
    }
    return valueText(value.mean) + " (" + valueText(value.low) + " to " + valueText(value.high) + ")";
}

std::string horizonCsv(const std::vector<HorizonRow>& rows) {
    CsvTable table;
    for (const std::vector<std::string>& row : exactCells(rows)) {
        for (const std::string& cell : row) {
            table.cell(cell);
        }
        table.endRow();
    }
    return table.text();
}

std::string horizonTsv(const std::vector<HorizonRow>& rows) {
    std::string text;
    for (const std::vector<std::string>& row : exactCells(rows)) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += (i == 0 ? "" : "\t") + row[i];
        }
        text += "\n";
    }
    return text;
}

TextTable horizonTable(const std::vector<HorizonRow>& rows, const HorizonCaption& caption) {
    TextTable table{.heads = {kHeads.begin(), kHeads.end()}, .caption = captionText(caption)};
    for (const HorizonRow& row : rows) {
        table.rows.push_back(cellsOf(row));
    }
    return table;
}

}  // namespace rlcm::figure
