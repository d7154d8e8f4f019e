#include <algorithm>
#include <map>

#include "core/base/files.h"
#include "core/report/report.h"
#include "core/report/series.h"

namespace rlcm::report {
namespace {

struct Line {
    run::Counters counters;
    std::map<std::string, double> values;
};

/// Evaluations of an epoch are stored with the same epoch count as its training row; the later counters stand.
std::map<std::int64_t, Line> collect(const store::StoreReader& reader, const run::RunId& id, const std::vector<std::string>& names) {
    std::map<std::int64_t, Line> lines;
    for (const std::string& name : names) {
        for (const store::ScalarRow& row : reader.scalars(id, name)) {
            Line& line = lines[row.counters.epoch];
            if (line.values.empty() || row.counters.wallSeconds > line.counters.wallSeconds) {
                line.counters = row.counters;
            }
            line.values[name] = row.value;
        }
    }
    return lines;
}

/// Names come from reward terms and may hold commas.
std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) {
        return text;
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + "\"";
}

std::string counterText(const CounterInfo& info, const run::Counters& counters) {
    const double value = info.value(counters);
    return info.isSeconds ? exactText(value) : std::to_string(static_cast<std::int64_t>(value));
}

}  // namespace

void exportCsv(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file) {
    requireRun(reader, id);
    const std::vector<std::string> names = reader.scalarNames(id);
    std::string text;
    for (const CounterInfo& info : counterInfos()) {
        text += text.empty() ? "" : ",";
        text += info.key;
    }
    for (const std::string& name : names) {
        text += ',';
        text += quoted(name);
    }
    for (const auto& [epoch, line] : collect(reader, id, names)) {
        text += "\n";
        for (const CounterInfo& info : counterInfos()) {
            text += &info == &counterInfos().front() ? "" : ",";
            text += counterText(info, line.counters);
        }
        for (const std::string& name : names) {
            const auto found = line.values.find(name);
            text += ',';
            text += found == line.values.end() ? std::string() : exactText(found->second);
        }
    }
    writeFileAtomically(file, text + "\n");
}

}  // namespace rlcm::report
