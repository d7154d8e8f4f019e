#include <cmath>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/number_text.h"
#include "core/figure/panels.h"
#include "core/report/report.h"
#include "core/report/sheet.h"

namespace rlcm::report {
namespace {

std::string titleOf(const store::RunRow& row, const std::vector<store::SampleRow>& samples) {
    double sum = 0;
    for (const store::SampleRow& sample : samples) {
        sum += sample.reward;
    }
    const double mean = sum / static_cast<double>(samples.size());
    return row.name + "   epoch " + std::to_string(samples.front().epoch) + "   mean reward " + valueText(mean);
}

TextEntries textEntries(const store::RunRow& row, const Sheet& sheet) {
    Json cells = Json::array();
    for (const SheetCell& cell : sheet.cells) {
        const store::SampleRow& sample = cell.image.value();
        cells.push_back(
            {{"index", sample.index}, {"prompt", sample.prompt}, {"held_out", sample.isHeldOut}, {"noise_seed", sample.noiseSeed}, {"reward", sample.reward}});
    }
    return {{"Software", "rlcm-workbench"},
            {"rlcm:run", row.id},
            {"rlcm:name", row.name},
            {"rlcm:epoch", std::to_string(sheet.cells.front().image.value().epoch)},
            {"rlcm:samples", cells.dump(-1, ' ', true, Json::error_handler_t::replace)}};
}

std::vector<store::SampleRow> findSamples(const store::StoreReader& reader, const store::RunRow& row, const std::optional<std::int64_t>& wanted) {
    const std::vector<std::int64_t> epochs = reader.sampleEpochs(row.id);
    std::optional<std::int64_t> chosen;
    for (const std::int64_t epoch : epochs) {
        if (!wanted || epoch <= *wanted) {
            chosen = epoch;
        }
    }
    if (!chosen) {
        throw Error(ErrorKind::Store, "the run " + row.id + " (" + row.name + ") has no evaluation images" +
                                          (epochs.empty() ? std::string() : " at or before epoch " + std::to_string(*wanted)));
    }
    return reader.samples(row.id, *chosen);
}

Sheet sheetOf(const store::StoreReader& reader, const store::RunRow& row, const GridOptions& options) {
    const std::vector<store::SampleRow> samples = findSamples(reader, row, options.epoch);
    if (samples.empty()) {
        throw Error(ErrorKind::Store, "the evaluation images of run " + row.id + " are missing");
    }
    Sheet sheet{.title = titleOf(row, samples)};
    for (const store::SampleRow& sample : samples) {
        sheet.cells.push_back({row.id, sample, {sample.prompt, valueText(sample.reward) + (sample.isHeldOut ? "  \u00B7 held out" : "")}});
    }
    return sheet;
}

int columnsOf(const Sheet& sheet, const GridOptions& options) {
    return options.columns > 0 ? options.columns : static_cast<int>(std::ceil(std::sqrt(sheet.cells.size())));
}

}  // namespace

void exportGrid(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file, const GridOptions& options) {
    const store::RunRow row = figure::requireRun(reader, id);
    const Sheet sheet = sheetOf(reader, row, options);
    writeSheet(sheet, columnsOf(sheet, options), file, options, [&row](const Sheet& part) { return textEntries(row, part); });
}

GridSize gridSize(const store::StoreReader& reader, const run::RunId& id, const GridOptions& options) {
    const Sheet sheet = sheetOf(reader, figure::requireRun(reader, id), options);
    return sizeOf(sheet, columnsOf(sheet, options), options);
}

}  // namespace rlcm::report
