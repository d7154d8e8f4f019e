// rlcm study
#include <chrono>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/study_run.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/plain_text.h"
#include "core/run/derive.h"
#include "core/store/workspace.h"
#include "core/study/answers.h"
#include "core/study/library.h"
#include "core/study/report.h"

namespace rlcm::cli {
namespace {

struct StudyOptions {
    std::string name;
    std::filesystem::path workspace, file;
    std::optional<std::int64_t> seeds;
    std::vector<std::string> budgets, axes;
    std::optional<std::string> device;
    std::optional<std::int64_t> threads;
    bool isJson = false;
};

study::Plan planOf(const StudyOptions& options) {
    study::Study study = study::findStudy(options.name);
    study.seeds = options.seeds.value_or(study.seeds);
    for (const std::string& axis : options.axes) {
        study::setAxis(study, axis);
    }
    for (const std::string& budget : options.budgets) {
        study::setBudget(study, budget);
    }
    return study::makePlan(study);
}

void listStudies(bool isJson) {
    std::vector<std::vector<std::string>> cells{{"study", "runs", "recorded", ""}};
    Json rows = Json::array();
    for (const study::StudyFile& file : study::studyFiles()) {
        try {
            const study::Plan plan = study::makePlan(study::readStudy(file.file));
            const bool isRecorded = study::recordOf(file.name).has_value();
            cells.push_back({file.name, std::to_string(plan.runs.size()), isRecorded ? "yes" : "", plan.study.title});
            rows.push_back({{"study", file.name},
                            {"runs", plan.runs.size()},
                            {"title", plan.study.title},
                            {"question", plan.study.question},
                            {"shipped", file.isShipped},
                            {"recorded", isRecorded}});
        } catch (const Error& problem) {
            cells.push_back({file.name, "", "", std::string("cannot be read: ") + problem.what()});
            rows.push_back({{"study", file.name}, {"error", problem.what()}, {"shipped", file.isShipped}});
        }
    }
    if (isJson) {
        std::cout << rows.dump(2) << '\n';
    } else {
        std::cout << textTable(cells);
    }
}

/// The study's runs in the workspace, when one is named.
std::vector<std::optional<store::RunRow>> runsOf(const study::Plan& plan, const std::filesystem::path& workspace) {
    return workspace.empty() ? std::vector<std::optional<store::RunRow>>(plan.runs.size()) : study::matchRuns(plan, store::StoreReader(workspace).runs());
}

struct CellCost {
    const study::Cell& cell;
    run::Estimate estimate;
};

std::vector<CellCost> costsOf(const study::Plan& plan) {
    std::vector<CellCost> costs;
    for (const study::Cell& cell : plan.cells) {
        costs.push_back({cell, run::estimate(cell.config)});
    }
    return costs;
}

Json showJson(const study::Plan& plan, const study::Progress& progress) {
    Json cells = Json::array();
    for (const auto& [cell, estimate] : costsOf(plan)) {
        cells.push_back({{"cell", cell.name()},
                         {"epochs", cell.config.training.epochs},
                         {"reward_queries", estimate.derived.rewardQueriesTotal},
                         {"nominal_denoiser_evaluations", estimate.derived.nominalDenoiserEvaluationsTotal},
                         {"seconds", estimate.seconds},
                         {"disk_bytes", estimate.diskBytes}});
    }
    return {{"study", plan.study.name},
            {"title", plan.study.title},
            {"question", plan.study.question},
            {"seeds", plan.study.seeds},
            {"runs", plan.runs.size()},
            {"cells", cells},
            {"notes", plan.notes},
            {"finished", progress.finished},
            {"failed", progress.failed},
            {"seconds_left", progress.secondsLeft}};
}

void showStudy(const StudyOptions& options) {
    const study::Plan plan = planOf(options);
    const study::Progress progress = study::progressOf(plan, runsOf(plan, options.workspace));
    if (options.isJson) {
        std::cout << showJson(plan, progress).dump(2) << '\n';
        return;
    }
    std::cout << printable(plan.study.title) << '\n' << wrapped(printable(plan.study.question), 0);
    if (!plan.study.note.empty()) {
        std::cout << '\n' << wrapped(printable(plan.study.note), 0);
    }
    std::vector<std::vector<std::string>> table{{"cell", "epochs", "queries", "denoiser evaluations", "time of a run", "disk MB"}};
    for (const auto& [cell, estimate] : costsOf(plan)) {
        table.push_back({cell.name(), std::to_string(cell.config.training.epochs), std::to_string(estimate.derived.rewardQueriesTotal),
                         std::to_string(estimate.derived.nominalDenoiserEvaluationsTotal), durationText(estimate.seconds),
                         shortNumber(static_cast<double>(estimate.diskBytes) / 1e6, 3)});
    }
    std::cout << '\n'
              << textTable(table) << '\n'
              << plan.runs.size() << " runs: " << plan.cells.size() << " cells with " << plan.study.seeds << " seeds each; " << progress.finished
              << " finished; about " << durationText(progress.secondsLeft) << " of work left\n";
    for (const std::string& note : plan.notes) {
        std::cout << note << '\n';
    }
}

std::filesystem::path recordOf(const std::string& name) {
    const std::optional<std::filesystem::path> record = study::recordOf(name);
    if (!record) {
        throw Error(ErrorKind::Config, "no runs of the study " + name + " came with the program: name the workspace of yours with --out");
    }
    return *record;
}

void reportStudy(const StudyOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const store::StoreReader reader(options.workspace.empty() ? recordOf(options.name) : options.workspace);
    const study::Findings findings(planOf(options), reader);
    if (options.isJson) {
        Json answers = Json::array();
        for (const study::Answer& answer : study::answersOf(findings)) {
            answers.push_back(study::toJson(answer));
        }
        std::cout << Json{{"study", findings.plan().study.name}, {"answers", answers}}.dump(2) << '\n';
        return;
    }
    const std::filesystem::path file = options.file.empty() ? std::filesystem::path(findings.plan().study.name + ".html") : options.file;
    study::writeReport(findings, file);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cerr << "written in " << shortNumber(seconds, 2) << " s\n";
    std::cout << file.string() << '\n';
}

/// Options that say which study is meant and how large it is.
void addPlanOptions(CLI::App& command, StudyOptions& options) {
    command.add_option("name", options.name, "Name of a study, as `rlcm study list` shows it, or a file that ends in .json")->required();
    command.add_option("--seeds", options.seeds, "Seeds of each cell instead of the study's")->check(CLI::Range(1, 1000));
    command.add_option("--budget", options.budgets, "COUNTER=VALUE instead of the study's, as reward_queries=640; may be repeated")->allow_extra_args(false);
    command.add_option("--axis", options.axes, "AXIS=VALUE,VALUE instead of the study's, where the axis varies one setting; may be repeated")
        ->allow_extra_args(false);
    command.add_flag("--json", options.isJson, "JSON");
}

void addRunning(CLI::App& study, const char* name, const char* help, int& exitCode) {
    auto options = std::make_shared<StudyOptions>();
    CLI::App* command = study.add_subcommand(name, help);
    addPlanOptions(*command, *options);
    command->add_option("--out", options->workspace, "Workspace folder; made when absent")->required();
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:N");
    command->add_option("--threads", options->threads, "CPU threads; 0: all cores")->check(CLI::Range(0, 4096));
    const bool retriesFailed = std::string_view(name) == "resume";
    command->callback([options, retriesFailed, &exitCode] {
        const study::Plan plan = planOf(*options);
        if (retriesFailed && study::progressOf(plan, runsOf(plan, options->workspace)).missing == static_cast<int>(plan.runs.size())) {
            throw Error(ErrorKind::Config,
                        "the workspace " + options->workspace.string() + " has no run of the study " + plan.study.name + "; `rlcm study run` begins it");
        }
        exitCode = runStudy(plan, {options->workspace, options->device, options->threads, retriesFailed, options->isJson});
    });
}

void addShowing(CLI::App& study, int& exitCode) {
    auto options = std::make_shared<StudyOptions>();
    CLI::App* list = study.add_subcommand("list", "Name the studies there are");
    list->add_flag("--json", options->isJson, "JSON");
    list->callback([options, &exitCode] {
        listStudies(options->isJson);
        exitCode = kDone;
    });
    auto shown = std::make_shared<StudyOptions>();
    CLI::App* show = study.add_subcommand("show", "Cells, cost and time of a study, before it is run or half-way");
    addPlanOptions(*show, *shown);
    show->add_option("--out", shown->workspace, "Workspace whose finished runs count");
    show->callback([shown, &exitCode] {
        showStudy(*shown);
        exitCode = kDone;
    });
    auto reported = std::make_shared<StudyOptions>();
    CLI::App* report = study.add_subcommand("report", "Answer the study's question from a workspace, as one HTML file");
    addPlanOptions(*report, *reported);
    report->add_option("--out", reported->workspace, "Workspace folder; the runs that came with the program when left out");
    report->add_option("--file", reported->file, "HTML file; NAME.html when left out");
    report->callback([reported, &exitCode] {
        reportStudy(*reported);
        exitCode = kDone;
    });
}

}  // namespace

void addStudy(CLI::App& program, int& exitCode) {
    CLI::App* study = program.add_subcommand("study", "Run a study, a question with the runs that answer it, and report on it");
    study->require_subcommand(1);
    addShowing(*study, exitCode);
    addRunning(*study, "run", "Train what is not finished; begins or continues a study", exitCode);
    addRunning(*study, "resume", "As run, and tries runs again that have failed", exitCode);
}

}  // namespace rlcm::cli
