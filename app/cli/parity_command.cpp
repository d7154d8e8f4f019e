// rlcm parity
#include <algorithm>
#include <iostream>
#include <limits>

#include <CLI/CLI.hpp>

#include "app/cli/choice_option.h"
#include "app/cli/commands.h"
#include "app/cli/parity_runner.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

struct ParityOptions {
    std::vector<std::string> fixtures;
    std::string device = "cpu";
    run::Dtype dtype = run::Dtype::Fp32;
    bool isJson = false;
};

bool isKind(const std::string& name, run::Dtype dtype = run::Dtype::Fp32) {
    const std::vector<std::string> kinds = parityKinds(dtype);
    return std::find(kinds.begin(), kinds.end(), name) != kinds.end();
}

/// A folder of kinds stands for every kind in it; any other folder for itself.
std::vector<fs::path> fixturesIn(const fs::path& given, run::Dtype dtype) {
    const fs::path folder = fs::absolute(given).lexically_normal();
    if (!fs::is_directory(folder)) {
        throw Error(ErrorKind::Config, "the fixture " + given.string() + " is not a folder");
    }
    if (std::any_of(folder.begin(), folder.end(), [](const fs::path& part) { return isKind(part.string()); })) {
        return {folder};
    }
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory() && isKind(name, dtype)) {
            found.push_back(entry.path());
        } else if (entry.is_directory() && !isKind(name)) {
            std::cerr << "left out: " << entry.path().string() << " (no kind of fixture that this version knows)\n";
        }
    }
    std::sort(found.begin(), found.end());
    return found.empty() ? std::vector<fs::path>{folder} : found;
}

/// The fixture's report, or one that failed with the reason.
Json reportOf(const fs::path& folder, const ParityOptions& options) {
    try {
        return runParity(folder, options.device, options.dtype);
    } catch (const Error& problem) {
        if (problem.kind() == ErrorKind::Config || problem.kind() == ErrorKind::Device) {
            throw;
        }
        return {{"kind", folder.filename().string()}, {"folder", folder.string()}, {"passed", false}, {"quantities", Json::array()}, {"error", problem.what()}};
    }
}

double number(const Json& value) {
    return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::string tableOf(const Json& reports) {
    std::vector<std::vector<std::string>> cells{{"kind", "quantity", "max abs", "max rel", "tolerance", "", "note"}};
    for (const Json& report : reports) {
        const std::string kind = report.at("kind");
        for (const Json& quantity : report.at("quantities")) {
            cells.push_back({kind, quantity.at("name"), shortNumber(number(quantity.at("max_abs")), 3), shortNumber(number(quantity.at("max_rel")), 3),
                             shortNumber(number(quantity.at("tolerance")), 3) + (quantity.at("relative").get<bool>() ? " rel" : " abs"),
                             quantity.at("passed").get<bool>() ? "ok" : "FAILED", quantity.at("note")});
        }
        if (report.contains("error")) {
            cells.push_back({kind, "", "", "", "", "FAILED", report.at("error")});
        } else if (report.at("quantities").empty()) {
            cells.push_back({kind, "", "", "", "", "FAILED", "nothing was compared"});
        }
    }
    return textTable(cells);
}

int runFixtures(const ParityOptions& options) {
    Json reports = Json::array();
    for (const std::string& one : options.fixtures) {
        for (const fs::path& folder : fixturesIn(one, options.dtype)) {
            reports.push_back(reportOf(folder, options));
        }
    }
    const bool passed = std::all_of(reports.begin(), reports.end(), [](const Json& report) { return report.at("passed").get<bool>(); });
    if (options.isJson) {
        std::cout << Json{{"passed", passed}, {"device", options.device}, {"dtype", toString(options.dtype)}, {"reports", reports}}.dump(2) << '\n';
    } else {
        std::cout << tableOf(reports) << (passed ? "all within tolerance\n" : "some quantities are outside their tolerance\n");
    }
    return passed ? kDone : kFailed;
}

}  // namespace

void addParity(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<ParityOptions>();
    CLI::App* command = program.add_subcommand("parity", "Compare this program with outputs of the reference libraries");
    command->add_option("fixture", options->fixtures, "Fixture folders, or folders that hold them")->required();
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    addChoice(*command, "--dtype", options->dtype, "Arithmetic of the networks; below fp32 these alone are compared, as far as its rounding allows");
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, &exitCode] { exitCode = runFixtures(*options); });
}

}  // namespace rlcm::cli
