// rlcm parity
#include <algorithm>
#include <iostream>
#include <limits>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/parity_runner.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

bool isKind(const std::string& name) {
    const std::vector<std::string> kinds = parityKinds();
    return std::find(kinds.begin(), kinds.end(), name) != kinds.end();
}

/// A folder of kinds stands for every kind in it; any other folder for itself.
std::vector<fs::path> fixturesIn(const fs::path& given) {
    const fs::path folder = fs::absolute(given).lexically_normal();
    if (!fs::is_directory(folder)) {
        throw Error(ErrorKind::Config, "the fixture " + given.string() + " is not a folder");
    }
    if (std::any_of(folder.begin(), folder.end(), [](const fs::path& part) { return isKind(part.string()); })) {
        return {folder};
    }
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory() && isKind(entry.path().filename().string())) {
            found.push_back(entry.path());
        } else if (entry.is_directory()) {
            std::cerr << "left out: " << entry.path().string() << " (no kind of fixture that this version knows)\n";
        }
    }
    std::sort(found.begin(), found.end());
    return found.empty() ? std::vector<fs::path>{folder} : found;
}

/// The fixture's report, or one that failed with the reason.
Json reportOf(const fs::path& folder, const std::string& device) {
    try {
        return runParity(folder, device);
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

int runFixtures(const std::vector<std::string>& given, const std::string& device, bool isJson) {
    Json reports = Json::array();
    for (const std::string& one : given) {
        for (const fs::path& folder : fixturesIn(one)) {
            reports.push_back(reportOf(folder, device));
        }
    }
    const bool passed = std::all_of(reports.begin(), reports.end(), [](const Json& report) { return report.at("passed").get<bool>(); });
    if (isJson) {
        std::cout << Json{{"passed", passed}, {"device", device}, {"reports", reports}}.dump(2) << '\n';
    } else {
        std::cout << tableOf(reports) << (passed ? "all within tolerance\n" : "some quantities are outside their tolerance\n");
    }
    return passed ? kDone : kFailed;
}

}  // namespace

void addParity(CLI::App& program, int& exitCode) {
    auto fixtures = std::make_shared<std::vector<std::string>>();
    auto device = std::make_shared<std::string>("cpu");
    auto isJson = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand("parity", "Compare this program with outputs of the reference libraries");
    command->add_option("fixture", *fixtures, "Fixture folders, or folders that hold them")->required();
    command->add_option("--device", *device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command->add_flag("--json", *isJson, "One JSON document");
    command->callback([=, &exitCode] { exitCode = runFixtures(*fixtures, *device, *isJson); });
}

}  // namespace rlcm::cli
