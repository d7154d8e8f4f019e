// rlcm doctor
#include <cstdlib>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/machine.h"
#include "core/sampling/arithmetic.h"
#include "core/store/workspace.h"
#include "core/tools/bench.h"
#include "core/tools/sample.h"
#include "core/train/environment.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

/// Outcome of one check. `status`: ok, warn or fail.
struct Check {
    std::string name, status, detail, advice;
};

struct DoctorOptions {
    fs::path workspace;
    std::string device = "auto";
    bool isJson = false;
};

/// Runs a check; an Error becomes a failed check with the same words.
Check guarded(const std::string& name, const std::function<Check()>& check, const std::string& advice) {
    try {
        Check result = check();
        result.name = name;
        return result;
    } catch (const Error& problem) {
        return {name, "fail", problem.what(), advice};
    }
}

fs::path defaultWorkspace() {
    const char* data = std::getenv("XDG_DATA_HOME");
    const char* home = std::getenv("HOME");
    const fs::path base = data != nullptr && *data != '\0' ? fs::path(data) : fs::path(home != nullptr ? home : ".") / ".local" / "share";
    return base / "rlcm-workbench" / "workspace";
}

fs::path nearestExisting(fs::path folder) {
    folder = fs::absolute(folder);
    while (!fs::exists(folder) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return folder;
}

Check checkDevice(const std::string& device) {
    return {"", "ok", Json::parse(train::environmentJson(device)).at("torch"), ""};
}

/// The model's text encoder, denoiser and decoder give an image.
Check checkModel(const std::string& model, const std::string& device) {
    tools::SampleRequest request;
    request.model = model;
    request.prompts = {"a cat"};
    request.steps = 2;
    request.device = device;
    const tools::SampleResult result = tools::sampleImages(request);
    return {"", "ok",
            model + " made an image of " + std::to_string(result.images.at(0).width) + " pixels; loaded in " + shortNumber(result.secondsLoad, 2) + " s", ""};
}

/// A training round with the model as the alignment reward.
Check checkClip(const std::string& model, const std::string& device) {
    run::RunConfig config;
    config.sampling.steps = 2;
    config.reward.terms = "alignment";
    config.reward.clipModel = model;
    config.training.imagesPerRound = 2;
    config.training.advantage = run::Advantage::Batch;
    config.compute.device = device;
    config.compute.dtype = run::Dtype::Fp32;
    const Json round = tools::benchRounds(config, 0, 1);
    return {"", "ok", model + " scored a training round of 2 images", ""};
}

/// Which precision the small model is computed fastest in.
Check checkArithmetic(const std::string& device) {
    run::RunConfig config;
    config.model.path = "emoji-lcm";
    config.compute.device = device;
    return {"", "ok", run::arithmeticText(run::Dtype::Auto, sampling::arithmeticTimes(config)), ""};
}

Check checkWorkspace(const fs::path& workspace) {
    if (fs::exists(workspace)) {
        const std::size_t count = store::StoreReader(workspace).runs().size();
        if (::access(workspace.c_str(), W_OK) != 0) {
            return {"", "fail", workspace.string() + " can be read but not written",
                    "give yourself write permission, or choose another folder with --workspace"};
        }
        return {"", "ok", workspace.string() + " has " + std::to_string(count) + " runs", ""};
    }
    const fs::path parent = nearestExisting(workspace);
    if (::access(parent.c_str(), W_OK) != 0) {
        return {"", "fail", workspace.string() + " cannot be made: " + parent.string() + " is not writable", "choose another folder with --workspace"};
    }
    return {"", "ok", workspace.string() + " can be made", ""};
}

Check checkDisk(const fs::path& workspace) {
    const double gigabytes = static_cast<double>(fs::space(nearestExisting(workspace)).available) / 1e9;
    const std::string detail = shortNumber(gigabytes, 3) + " GB free";
    return gigabytes < 0.2 ? Check{"", "fail", detail, "make room: a run needs some 10 MB, a build about 3 GB"}
                           : Check{"", gigabytes < 2 ? "warn" : "ok", detail, gigabytes < 2 ? "make room before long runs" : ""};
}

Check checkMemory() {
    const double megabytes = static_cast<double>(availableMemory()) / (1 << 20);
    const std::string detail = shortNumber(megabytes, 5) + " MiB available";
    return megabytes < 1500 ? Check{"", "warn", detail, "close other programs, or set compute.chunk_images to a small number"} : Check{"", "ok", detail, ""};
}

Check checkThreads() {
    const int count = usableCores();
    return {"", count < 2 ? "warn" : "ok", std::to_string(count) + " processor threads",
            count < 2 ? "rewards share the only core with training: expect slower runs" : ""};
}

Check checkDisplay() {
    for (const char* name : {"WAYLAND_DISPLAY", "DISPLAY"}) {
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') {
            return {"", "ok", std::string(name) + "=" + value, ""};
        }
    }
    return {"", "warn", "no display", "the window needs one; use `rlcm train` here, or start the window with QT_QPA_PLATFORM=offscreen and --screenshot"};
}

std::vector<Check> runChecks(const DoctorOptions& options) {
    const std::string reinstall = "run packaging/start.sh again, or set RLCM_RESOURCES to the resources folder";
    std::vector<Check> checks;
    checks.push_back(guarded("device", [&] { return checkDevice(options.device); }, "choose another device with --device"));
    checks.push_back(guarded("resources", [] { return Check{"", "ok", resourceFolder().string(), ""}; }, reinstall));
    for (const char* model : {"emoji-lcm", "emoji-sd"}) {
        checks.push_back(guarded(model, [&] { return checkModel(model, options.device); }, reinstall));
    }
    for (const char* model : {"emoji-clip", "emoji-clip-judge"}) {
        checks.push_back(guarded(model, [&] { return checkClip(model, options.device); }, reinstall));
    }
    checks.push_back(guarded("arithmetic", [&] { return checkArithmetic(options.device); }, reinstall));
    checks.push_back(guarded("workspace", [&] { return checkWorkspace(options.workspace); }, "choose another folder with --workspace"));
    checks.push_back(guarded("disk", [&] { return checkDisk(options.workspace); }, ""));
    checks.push_back(guarded("memory", checkMemory, ""));
    checks.push_back(guarded("threads", checkThreads, ""));
    checks.push_back(guarded("display", checkDisplay, ""));
    return checks;
}

int runDoctor(const DoctorOptions& options) {
    const std::vector<Check> checks = runChecks(options);
    bool isHealthy = true;
    Json list = Json::array();
    for (const Check& check : checks) {
        isHealthy = isHealthy && check.status != "fail";
        list.push_back({{"name", check.name}, {"status", check.status}, {"detail", check.detail}, {"advice", check.advice}});
        if (!options.isJson) {
            std::cout << check.status << std::string(6 - check.status.size(), ' ') << check.name << ": " << check.detail << '\n'
                      << (check.advice.empty() ? "" : "      " + check.advice + "\n") << std::flush;
        }
    }
    if (options.isJson) {
        Json environment;
        if (checks.front().status == "ok") {
            environment = Json::parse(train::environmentJson(options.device));
        }
        std::cout << Json{{"ok", isHealthy}, {"version", RLCM_VERSION}, {"environment", environment}, {"checks", list}}.dump(2) << '\n';
    }
    return isHealthy ? kDone : kFailed;
}

}  // namespace

void addDoctor(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<DoctorOptions>();
    options->workspace = defaultWorkspace();
    CLI::App* command = program.add_subcommand("doctor", "Check that everything needed is there and works");
    command->add_option("--workspace", options->workspace, "Workspace folder to look at")->capture_default_str();
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, &exitCode] { exitCode = runDoctor(*options); });
}

}  // namespace rlcm::cli
