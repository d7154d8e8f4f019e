// The same prompts and noises in every cell of a study.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/number_text.h"
#include "core/report/html.h"
#include "core/study/report_parts.h"

namespace rlcm::study {
namespace {

constexpr std::size_t kColumns = 8;

/// What two images must share to be compared.
bool isSameStart(const store::SampleRow& a, const store::SampleRow& b) {
    return a.prompt == b.prompt && a.noiseSeed == b.noiseSeed && a.width == b.width;
}

std::string imageCell(const std::vector<store::SampleRow>& samples, const store::SampleRow& wanted) {
    const auto sample = std::find_if(samples.begin(), samples.end(), [&](const store::SampleRow& one) { return isSameStart(one, wanted); });
    if (sample == samples.end()) {
        return "<td>\u2013</td>";
    }
    try {
        return "<td>" + report::inlineImage(readFile(sample->file), sample->prompt) + report::escaped(valueText(sample->reward)) + "</td>";
    } catch (const Error&) {
        return "<td>not readable</td>";  // one lost picture must not cost the report
    }
}

std::string imageRow(const std::string& name, const std::vector<store::SampleRow>& samples, const std::vector<store::SampleRow>& columns) {
    std::string html = "<tr><th>" + report::escaped(name) + "</th>";
    for (const store::SampleRow& column : columns) {
        html += imageCell(samples, column);
    }
    return html + "</tr>\n";
}

/// Spread over the set, so that trained and held-out prompts are among them.
std::vector<store::SampleRow> chooseColumns(const std::vector<store::SampleRow>& samples) {
    std::vector<store::SampleRow> columns;
    const std::size_t count = std::min(kColumns, samples.size());
    for (std::size_t i = 0; i < count; ++i) {
        columns.push_back(samples[i * samples.size() / count]);
    }
    return columns;
}

std::string header(const std::vector<store::SampleRow>& columns) {
    std::string html = "<tr><th></th>";
    for (const store::SampleRow& column : columns) {
        html += "<th>" + report::escaped(column.prompt) + (column.isHeldOut ? " (held out)" : "") + "</th>";
    }
    return html + "</tr>\n";
}

}  // namespace

std::string imageGrid(const Findings& findings) {
    const store::StoreReader& reader = findings.reader();
    std::vector<store::SampleRow> columns;
    std::string rows;
    for (std::size_t cell = 0; cell < findings.plan().cells.size(); ++cell) {
        for (const std::size_t i : findings.runsOf(cell)) {
            const store::RunRow& run = *findings.runs()[i];
            const std::vector<std::int64_t> epochs = reader.sampleEpochs(run.id);
            if (epochs.empty()) {
                continue;
            }
            const std::vector<store::SampleRow> first = reader.samples(run.id, epochs.front());
            columns = columns.empty() ? chooseColumns(first) : columns;
            const std::string name = findings.plan().cells[cell].name() + ", seed " + std::to_string(run.seed);
            rows += imageRow(name + ", epoch " + std::to_string(epochs.front()), first, columns);
            if (epochs.size() > 1) {
                rows += imageRow("epoch " + std::to_string(epochs.back()), reader.samples(run.id, epochs.back()), columns);
            }
            break;  // the first seed that is there: chosen by rule, not by looks
        }
    }
    if (rows.empty()) {
        return {};
    }
    return "<p class=\"note\">One column has the same prompt and the same starting noise in every line; the number is the image's reward. Shown is the first "
           "seed of "
           "each cell.</p>\n<div class=\"wide\"><table class=\"images\">\n" +
           header(columns) + rows + "</table></div>\n";
}

}  // namespace rlcm::study
