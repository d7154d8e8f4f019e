// rlcm time
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/run_lookup.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/order_statistics.h"
#include "core/figure/inference_times.h"
#include "core/run/field_table.h"
#include "core/sampling/arithmetic.h"
#include "core/store/recorded.h"
#include "core/store/workspace.h"
#include "core/tools/bench.h"
#include "core/train/environment.h"

namespace rlcm::cli {
namespace {

constexpr int kLooks = 12;  // at who else computes
constexpr std::chrono::milliseconds kLookEvery{40};
constexpr double kBusyShare = 0.3;  // of the cores

struct TimeOptions {
    std::filesystem::path workspace;
    std::vector<std::string> runs;
    std::string device = "auto";
    int threads = 0;
    tools::TimedCalls calls;
    bool isJson = false;
};

/// Programs that compute at this moment beside this one, averaged over half a second; 0 where the system does not say.
double othersComputing() {
    double sum = 0;
    for (int look = 0; look < kLooks; ++look) {
        std::ifstream file("/proc/loadavg");
        double ignored = 0;
        int computing = 1;
        file >> ignored >> ignored >> ignored >> computing;
        sum += computing - 1;
        std::this_thread::sleep_for(kLookEvery);
    }
    return sum / kLooks;
}

/// The settings that runs differ in as far as time is concerned, by key.
std::map<std::string, run::RunConfig> settingsToTime(const TimeOptions& options) {
    const store::StoreReader reader(options.workspace);
    std::vector<store::RunRow> rows;
    if (options.runs.empty()) {
        rows = reader.runs();
    }
    for (const std::string& run : options.runs) {
        rows.push_back(findRun(reader, run));
    }
    std::map<std::string, run::RunConfig> settings;
    for (const store::RunRow& row : rows) {
        run::RunConfig config = run::configFromJson(parseJson(row.configJson, row.id), row.id);
        config.compute.device = options.device;
        config.compute.threads = options.threads;
        config.compute.dtype = sampling::decidedDtype(config);
        settings.emplace(figure::timingKey(config), config);
    }
    if (settings.empty()) {
        throw Error(ErrorKind::Config, options.workspace.string() + " has no runs whose images could be timed");
    }
    return settings;
}

std::string deviceText(const run::RunConfig& config) {
    const Json environment = Json::parse(train::environmentJson(config.compute.device));
    const std::string torch = environment.at("torch");
    if (torch.find("cuda") != std::string::npos) {
        return torch;  // names the GPU
    }
    const std::int64_t threads = tools::threadsOf(config);
    return environment.at("processor").get<std::string>() + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

figure::InferenceTime timeSettings(const std::string& key, const run::RunConfig& config, const TimeOptions& options, const std::function<void(int)>& onCall) {
    const double others = othersComputing();
    std::vector<double> seconds = tools::timeImages(config, options.calls, onCall);
    return {.key = key,
            .medianMs = 1000 * quantile(seconds, 0.5),
            .quarterMs = 1000 * quantile(seconds, 0.25),
            .threeQuarterMs = 1000 * quantile(seconds, 0.75),
            .samples = options.calls.timed,
            .batch = options.calls.batch,
            .device = deviceText(config),
            .dtype = std::string(toString(config.compute.dtype)),
            .load = others,
            .isBusy = others > kBusyShare * std::max(1U, std::thread::hardware_concurrency()),
            .measuredAt = static_cast<double>(std::time(nullptr))};
}

void say(const TimeOptions& options, const figure::InferenceTime& time) {
    if (options.isJson) {
        std::cout << Json{{"type", "time"}, {"key", time.key}, {"median_ms", time.medianMs}, {"busy", time.isBusy}}.dump() << std::endl;
        return;
    }
    std::cout << time.key << ": " << shortNumber(time.medianMs) << " ms an image (" << shortNumber(time.quarterMs) << " to " << shortNumber(time.threeQuarterMs)
              << "), " << time.device << (time.isBusy ? "; the machine was busy, so this is too long" : "") << std::endl;
}

void timeAll(const TimeOptions& options) {
    if (store::isRecorded(options.workspace)) {
        throw Error(ErrorKind::Config,
                    options.workspace.string() + " is a record of finished runs, where no times are kept; copy it and remove its file \"recorded\"");
    }
    const auto settings = settingsToTime(options);
    const int each = options.calls.warmup + options.calls.timed;
    const int total = each * static_cast<int>(settings.size());
    int before = 0;
    for (const auto& [key, config] : settings) {
        const auto onCall = [&, what = key](int calls) {
            if (options.isJson) {
                std::cout << Json{{"type", "progress"}, {"done", before + calls}, {"total", total}, {"what", what}}.dump() << std::endl;
            }
        };
        const figure::InferenceTime time = timeSettings(key, config, options, onCall);
        figure::keepInferenceTime(options.workspace, time);
        before += each;
        say(options, time);
    }
}

}  // namespace

void addTime(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<TimeOptions>();
    CLI::App* command = program.add_subcommand("time", "Measure what an image of each horizon of a workspace takes on this machine, and keep it there");
    command->add_option("--out", options->workspace, "Workspace folder")->required();
    command->add_option("--run", options->runs, "Only what this run (id or name) needs; may be repeated")->allow_extra_args(false);
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command->add_option("--threads", options->threads, "CPU threads; 0: all cores")->check(CLI::Range(0, 4096))->capture_default_str();
    command->add_option("--warmup", options->calls.warmup, "Calls that are not counted")->check(CLI::Range(0, 10000))->capture_default_str();
    command->add_option("--samples", options->calls.timed, "Timed calls of each horizon")->check(CLI::Range(1, 100000))->capture_default_str();
    command->add_option("--batch", options->calls.batch, "Images of a call")->check(CLI::Range(1, 4096))->capture_default_str();
    command->add_flag("--json", options->isJson, "Progress and results as lines of JSON");
    command->callback([options, &exitCode] {
        timeAll(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
