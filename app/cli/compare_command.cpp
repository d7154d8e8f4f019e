// rlcm compare
#include <algorithm>
#include <cmath>
#include <iostream>
#include <iterator>
#include <set>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/run_lookup.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/figure/clock.h"
#include "core/figure/comparison.h"
#include "core/figure/lines.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

struct CompareOptions {
    std::filesystem::path workspace;
    std::string x, y, measure = std::string(run::measure::kEvalRewardMean), axis = "reward_queries";
    std::optional<double> budget, threshold;
    bool isJson = false;
};

std::vector<std::string> partsOf(const std::string& text) {
    std::vector<std::string> parts;
    std::string rest = text + ',';
    for (std::size_t at = rest.find(','); at != std::string::npos; at = rest.find(',')) {
        parts.push_back(rest.substr(0, at));
        rest.erase(0, at + 1);
    }
    return parts;
}

/// Runs by id or name, or all whose settings are those of "algorithm.method=rlcm,sampling.steps=4".
std::vector<store::RunRow> runsOf(const store::StoreReader& reader, const std::string& selector) {
    std::vector<store::RunRow> runs;
    if (selector.find('=') == std::string::npos) {
        for (const std::string& name : partsOf(selector)) {
            runs.push_back(findRun(reader, name));
        }
        return runs;
    }
    for (const store::RunRow& row : reader.runs()) {
        const run::RunConfig config = run::configFromJson(parseJson(row.configJson, row.id), row.id);
        bool isMeant = true;
        for (const std::string& part : partsOf(selector)) {
            const auto [path, value] = splitSetting(part);
            run::RunConfig wanted = config;
            run::setField(wanted, path, value);
            isMeant = isMeant && run::fieldText(wanted, run::fieldAt(path)) == run::fieldText(config, run::fieldAt(path));
        }
        if (isMeant) {
            runs.push_back(row);
        }
    }
    return runs;
}

std::vector<figure::ComparedRun> curvesOf(const store::StoreReader& reader, const std::vector<store::RunRow>& runs, const CompareOptions& options) {
    std::vector<figure::ComparedRun> curves;
    const run::CounterField& axis = run::counterField(options.axis);
    for (const store::RunRow& row : runs) {
        figure::ComparedRun& compared = curves.emplace_back(figure::ComparedRun{figure::rewardKey(row), std::to_string(row.seed), {}});
        for (const store::ScalarRow& point : reader.scalars(row.id, options.measure)) {
            compared.curve.x.push_back(axis.value(point.counters));
            compared.curve.y.push_back(point.value);
        }
    }
    return curves;
}

/// Seconds of several machines say nothing about what was trained.
void warnOfMachines(const std::vector<store::RunRow>& x, const std::vector<store::RunRow>& y) {
    std::set<std::string> machines;
    for (const auto* side : {&x, &y}) {
        std::transform(side->begin(), side->end(), std::inserter(machines, machines.end()), figure::machineOf);
    }
    if (machines.size() > 1) {
        std::cerr << "warning: these runs were made on " << machines.size() << " machines, whose seconds do not compare:\n";
        for (const std::string& machine : machines) {
            std::cerr << "  " << machine << '\n';
        }
        std::cerr << "Choose the runs of one of them, or another --axis.\n";
    }
}

Json toJson(const std::optional<figure::Interval>& interval) {
    return interval ? Json{interval->low, interval->high} : Json();
}

Json toJson(const figure::ComparedSide& side) {
    Json json{{"runs", side.runs},
              {"missing", side.missing},
              {"mean", side.mean.value},
              {"mean_interval", toJson(side.mean.interval)},
              {"iqm", side.interquartileMean.value},
              {"iqm_interval", toJson(side.interquartileMean.interval)},
              {"mean_height", side.meanHeight ? Json(*side.meanHeight) : Json()}};
    if (side.arrivals) {
        json["reached_share"] = side.arrivals->shareArrived;
        json["reached_median"] = side.arrivals->median ? Json(*side.arrivals->median) : Json();
    }
    return json;
}

Json toJson(const figure::Comparison& comparison, const CompareOptions& options) {
    Json json{{"measure", options.measure},
              {"axis", options.axis},
              {"budget", comparison.budget},
              {"tasks", comparison.tasks},
              {"x", toJson(comparison.x)},
              {"y", toJson(comparison.y)},
              {"improvement", comparison.improvement.value},
              {"improvement_interval", toJson(comparison.improvement.interval)},
              {"pairs", comparison.pairs},
              {"sign_test", comparison.signTest}};
    json["difference"] = comparison.difference ? Json(comparison.difference->value) : Json();
    json["difference_interval"] = comparison.difference ? toJson(comparison.difference->interval) : Json();
    return json;
}

std::string intervalText(const std::optional<figure::Interval>& interval) {
    return interval ? shortNumber(interval->low) + " to " + shortNumber(interval->high) : "none";
}

std::vector<std::string> rowOf(const std::string& name, const figure::ComparedSide& side) {
    std::vector<std::string> cells{name,
                                   figure::sampleNote(side.fewestRuns, side.missing),
                                   shortNumber(side.mean.value),
                                   intervalText(side.mean.interval),
                                   shortNumber(side.interquartileMean.value),
                                   side.meanHeight ? shortNumber(*side.meanHeight) : ""};
    if (side.arrivals) {
        cells.push_back(shortNumber(100 * side.arrivals->shareArrived, 3) + " %, median " +
                        (side.arrivals->median ? shortNumber(*side.arrivals->median) : "never"));
    }
    return cells;
}

void print(const figure::Comparison& comparison, const CompareOptions& options) {
    std::cout << run::measureTitle(options.measure) << " at " << shortNumber(comparison.budget, 6) << ' ' << run::counterField(options.axis).unit << ", "
              << comparison.tasks << (comparison.tasks == 1 ? " reward" : " rewards") << "; intervals of 95 % by bootstrap over runs\n";
    std::vector<std::string> header{"", "runs of a reward", "mean", "interval", "IQM", "mean height"};
    if (options.threshold) {
        header.push_back("reached " + shortNumber(*options.threshold));
    }
    std::cout << textTable({header, rowOf("x: " + options.x, comparison.x), rowOf("y: " + options.y, comparison.y)});
    if (comparison.difference) {
        std::cout << "x - y, paired by seed: " << shortNumber(comparison.difference->value) << ", interval " << intervalText(comparison.difference->interval)
                  << "; " << comparison.pairs << (comparison.pairs == 1 ? " pair" : " pairs") << ", sign test p = " << shortNumber(comparison.signTest, 3)
                  << '\n';
    } else {
        std::cout << "x - y: the runs share too few seeds to be paired\n";
    }
    std::cout << "a run of x is better than one of y with probability " << shortNumber(comparison.improvement.value, 3) << ", interval "
              << intervalText(comparison.improvement.interval) << '\n';
}

}  // namespace

void addCompare(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App* command = program.add_subcommand("compare", "Compare two sets of runs at equal budget, with intervals over their seeds");
    command->add_option("workspace", options->workspace, "Workspace folder")->required();
    command->add_option("--x", options->x, "Runs of one side: ids or names with commas, or settings as algorithm.method=rlcm,sampling.steps=4")->required();
    command->add_option("--y", options->y, "Runs of the other side")->required();
    command->add_option("--measure", options->measure, "What is compared, as in the store")->capture_default_str();
    command->add_option("--axis", options->axis, "Counter of the budget, as reward_queries, denoiser_evaluations, active_seconds")->capture_default_str();
    command->add_option("--budget", options->budget, "Where to compare; left out, where the shortest run ends");
    command->add_option("--threshold", options->threshold, "Also say when this value is reached; decide on it before looking");
    command->add_flag("--json", options->isJson, "A JSON object");
    command->callback([options, &exitCode] {
        const store::StoreReader reader(options->workspace);
        const run::Measure* known = run::findMeasure(options->measure);
        const std::vector<store::RunRow> x = runsOf(reader, options->x), y = runsOf(reader, options->y);
        if (run::counterField(options->axis).isSeconds()) {
            warnOfMachines(x, y);
        }
        const figure::Comparison comparison = figure::compareAtBudget(
            curvesOf(reader, x, *options), curvesOf(reader, y, *options),
            {.budget = options->budget, .threshold = options->threshold, .isLowerBetter = known != nullptr && known->better == run::Better::Lower});
        if (options->isJson) {
            std::cout << toJson(comparison, *options).dump(2) << '\n';
        } else {
            print(comparison, *options);
        }
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
