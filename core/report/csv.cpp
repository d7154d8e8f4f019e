#include <cmath>

#include "core/base/files.h"
#include "core/figure/csv.h"
#include "core/figure/panels.h"
#include "core/report/epoch_values.h"
#include "core/report/report.h"

namespace rlcm::report {
namespace {

using figure::CsvTable;

/// Counts as whole numbers, seconds to the last bit.
void addCounter(CsvTable& table, const run::CounterField& field, double value) {
    field.isSeconds() ? table.cell(value) : table.cell(std::to_string(std::llround(value)));
}

void addFinite(CsvTable& table, double value) {
    std::isfinite(value) ? table.cell(value) : table.cell("");
}

void addPoint(CsvTable& table, const figure::DrawnLine& drawn, std::size_t i) {
    const figure::Line& line = drawn.line;
    const bool hasBand = !line.bandLow.empty();
    addFinite(table, line.y[i]);
    addFinite(table, drawn.shown[i]);
    addFinite(table, hasBand ? line.bandLow[i] : NAN);
    addFinite(table, hasBand ? line.bandHigh[i] : NAN);
    table.cell(std::to_string(line.counts.empty() ? 1 : line.counts[i]));
    table.endRow();
}

}  // namespace

std::map<std::int64_t, EpochValues> epochValues(const store::StoreReader& reader, const run::RunId& id, const std::vector<std::string>& names) {
    std::map<std::int64_t, EpochValues> epochs;
    for (const std::string& name : names) {
        for (const store::ScalarRow& row : reader.scalars(id, name)) {
            EpochValues& epoch = epochs[row.counters.epoch];
            if (epoch.values.empty() || row.counters.wallSeconds > epoch.counters.wallSeconds) {
                epoch.counters = row.counters;
            }
            epoch.values[name] = row.value;
        }
    }
    return epochs;
}

void exportCsv(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file) {
    figure::requireRun(reader, id);
    const std::vector<std::string> names = reader.scalarNames(id);
    CsvTable table;
    for (const run::CounterField& field : run::counterFields()) {
        table.cell(field.name);
    }
    for (const std::string& name : names) {
        table.cell(name);
    }
    table.endRow();
    for (const auto& [number, epoch] : epochValues(reader, id, names)) {
        for (const run::CounterField& field : run::counterFields()) {
            addCounter(table, field, field.value(epoch.counters));
        }
        for (const std::string& name : names) {
            const auto found = epoch.values.find(name);
            found == epoch.values.end() ? table.cell("") : table.cell(found->second);
        }
        table.endRow();
    }
    writeFileAtomically(file, table.text());
}

void exportFigureTable(const store::StoreReader& reader, const figure::FigureSpec& spec, const std::filesystem::path& file) {
    const run::CounterField& axis = run::counterField(spec.axis);
    CsvTable table;
    for (const char* name : {"series", "x", "raw", "smoothed", "low", "high", "runs"}) {
        table.cell(name);
    }
    table.endRow();
    for (const figure::Panel& panel : figure::readPanels(reader, spec)) {
        for (const figure::DrawnLine& drawn : panel.lines) {
            for (std::size_t i = 0; i < drawn.line.x.size(); ++i) {
                const double x = drawn.line.x[i];
                if (spec.extract && (x < spec.extract->x0 || x > spec.extract->x1)) {
                    continue;
                }
                table.cell(drawn.line.label);
                spec.kind == figure::FigureKind::Curves ? addCounter(table, axis, x) : static_cast<void>(table.cell(x));
                addPoint(table, drawn, i);
            }
        }
    }
    writeFileAtomically(file, table.text());
}

}  // namespace rlcm::report
