// rlcm bench
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/bench_peer.h"
#include "app/cli/bench_rounds.h"
#include "app/cli/bench_shape.h"
#include "app/cli/bench_store.h"
#include "app/cli/choice_option.h"
#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/environment.h"

namespace rlcm::cli {
namespace {

struct BenchOptions {
    std::string shape = "all", device = "cpu";
    run::Method method = run::Method::Rlcm;
    std::int64_t steps = 0, images = 16;
    std::vector<std::int64_t> threads{1};
    std::vector<run::Dtype> dtypes{run::Dtype::Fp32};
    int rounds = 0;
    std::int64_t resolution = 512, batch = 1;
    std::filesystem::path model;
    bool isCheckpointed = false, isProfiled = false;
    run::Switch recordCalls = run::Switch::Off;
    PeerOptions peer;
    bool isJson = false;
    std::filesystem::path out;
};

std::vector<BenchCase> casesOf(const BenchOptions& options) {
    std::vector<BenchCase> cases;
    const std::int64_t steps = options.steps > 0 ? options.steps : options.method == run::Method::Rlcm ? 4 : 20;
    for (const run::Dtype dtype : options.dtypes) {
        for (const std::int64_t threads : options.threads) {
            cases.push_back({options.method, steps, options.images, threads, dtype, options.device, options.recordCalls});
        }
    }
    return cases;
}

std::vector<tools::ShapeBench> shapesOf(const BenchOptions& options) {
    std::vector<tools::ShapeBench> cases;
    for (const run::Dtype dtype : options.dtypes) {
        for (const std::int64_t threads : options.threads) {
            cases.push_back({.shape = options.shape,
                             .device = options.device,
                             .dtype = dtype,
                             .threads = threads,
                             .resolution = options.resolution,
                             .batch = options.batch,
                             .repeats = options.rounds > 0 ? options.rounds : 2,
                             .isCheckpointed = options.isCheckpointed,
                             .isProfiled = options.isProfiled});
        }
    }
    return cases;
}

void printRound(std::ostream& out, const Json& round) {
    const Json& seconds = round.at("seconds");
    out << round.at("case").get<std::string>() << ": " << shortNumber(round.at("images_per_s")) << " images/s; round " << shortNumber(seconds.at("total"))
        << " s = sample " << shortNumber(seconds.at("sample")) << ", decode " << shortNumber(seconds.at("decode")) << ", reward "
        << shortNumber(seconds.at("reward")) << ", update " << shortNumber(seconds.at("update")) << '\n';
}

void printPeer(std::ostream& out, const Json& comparison) {
    const Json& ratio = comparison.at("ratio");
    out << comparison.at("case").get<std::string>() << ", peer with " << comparison.at("peer_flags").get<std::string>() << " flags: ours "
        << shortNumber(comparison.at("ours_images_per_s")) << ", peer " << shortNumber(comparison.at("peer_images_per_s")) << " images/s; ratio "
        << shortNumber(ratio.at("median"), 3) << " (" << shortNumber(ratio.at("low"), 3) << " to " << shortNumber(ratio.at("high"), 3) << ") over "
        << ratio.at("all").size() << " pairs\n";
}

void printProfile(std::ostream& out, const Json& profile) {
    out << profile.value("case", "update") << " on " << profile.at("device").get<std::string>() << ": " << shortNumber(profile.at("seconds"))
        << " s with the profiler";
    if (profile.contains("busy_share")) {
        out << ", the GPU busy " << shortNumber(100.0 * profile.at("busy_share").get<double>(), 3) << " % of it";
    }
    std::vector<std::vector<std::string>> cells{{"share", "ms", "calls", "what"}};
    for (const Json& row : profile.at("rows")) {
        cells.push_back({shortNumber(100.0 * row.at("share").get<double>(), 3) + " %", shortNumber(row.at("ms"), 4), shortNumber(row.at("calls"), 6),
                         row.at("name").get<std::string>().substr(0, 100)});
    }
    out << '\n' << textTable(cells);
}

void printLimit(std::ostream& out, const Json& limit) {
    const auto percent = [&](const char* name) { return shortNumber(100.0 * limit.at(name).get<double>(), 3); };
    out << limit.at("case").get<std::string>() << ": a round takes " << shortNumber(limit.at("seconds")) << " s, its convolutions and products alone "
        << shortNumber(limit.at("limit_seconds")) << " s: " << percent("share") << " % of the limit's speed (" << percent("low") << " to " << percent("high")
        << " in " << limit.at("pairs") << " pairs)\n";
    std::vector<std::vector<std::string>> cells{{"in the round, ms", "alone, ms", "calls", "what"}};
    for (const Json& row : limit.at("rows")) {
        cells.push_back({shortNumber(row.at("ms"), 4), shortNumber(row.at("alone_ms"), 4), shortNumber(row.at("calls"), 6), row.at("name")});
    }
    out << textTable(cells);
}

std::string speedText(const Json& speed) {
    return shortNumber(speed.at("gb_per_s"), 3) + " GB/s (" + shortNumber(speed.at("gb_per_processor_s"), 3) + " per processor second)";
}

void printText(std::ostream& out, const Json& result) {
    for (const Json& shape : result.value("shapes", Json::array())) {
        printShape(out, shape);
        if (shape.contains("profile")) {
            printProfile(out, shape.at("profile"));
        }
    }
    for (const Json& round : result.value("rounds", Json::array())) {
        printRound(out, round);
    }
    for (const Json& profile : result.value("profiles", Json::array())) {
        printProfile(out, profile);
    }
    for (const Json& limit : result.value("limits", Json::array())) {
        printLimit(out, limit);
    }
    for (const Json& sampling : result.value("sampling", Json::array())) {
        for (const Json& batch : sampling.at("batches")) {
            out << sampling.at("case").get<std::string>() << ", sampling, batch " << batch.at("batch") << ": " << shortNumber(batch.at("latency_ms")) << " ms, "
                << shortNumber(batch.at("images_per_s")) << " images/s\n";
        }
    }
    for (const Json& loading : result.value("loading", Json::array())) {
        out << "loading " << shortNumber(loading.at("file_bytes").get<double>() / 1e9, 3) << " GB as " << loading.at("dtype").get<std::string>() << ": "
            << speedText(loading.at("loading")) << " of the file, its tensors alone " << speedText(loading.at("tensors")) << "; plain reading "
            << speedText(loading.at("reading")) << ", into fresh memory " << speedText(loading.at("reading_into_fresh_memory")) << "; at most "
            << shortNumber(loading.at("peak_bytes").get<double>() / loading.at("weight_bytes").get<double>(), 3) << " times the weights in memory\n";
    }
    if (result.contains("store")) {
        for (const auto& [name, value] : result.at("store").items()) {
            out << "store, " << name << ": " << shortNumber(value.get<double>()) << '\n';
        }
    }
    for (const Json& comparison : result.value("peer", Json::array())) {
        printPeer(out, comparison);
    }
    for (const Json& across : result.value("bf16_against_fp32", Json::array())) {
        out << "across precisions, " << across.at("threads") << " threads: ours in bf16 against the peer in fp32 "
            << shortNumber(across.at("ours_bf16_against_peer_fp32"), 3) << ", against ours in fp32 " << shortNumber(across.at("ours_bf16_against_ours_fp32"), 3)
            << '\n';
    }
}

/// Multiples across precisions, told apart from those within one.
Json acrossPrecisions(const Json& comparisons) {
    Json list = Json::array();
    for (const Json& fast : comparisons) {
        for (const Json& exact : comparisons) {
            if (fast.at("dtype") == "bf16" && exact.at("dtype") == "fp32" && fast.at("threads") == exact.at("threads")) {
                const double ours = fast.at("ours_images_per_s");
                list.push_back({{"threads", fast.at("threads")},
                                {"ours_bf16_against_peer_fp32", ours / exact.at("peer_images_per_s").get<double>()},
                                {"ours_bf16_against_ours_fp32", ours / exact.at("ours_images_per_s").get<double>()}});
            }
        }
    }
    return list;
}

/// `save` gets the result so far after each finished case, so that an interrupted bench loses one case only.
Json runBench(const BenchOptions& options, const std::function<void(const Json&)>& save) {
    Json result{{"environment", Json::parse(train::environmentJson(options.device))}};
    const auto keep = [&](const char* list, Json one) {
        result[list].push_back(std::move(one));
        save(result);
    };
    const bool hasPeer = !options.peer.folder.empty();
    PeerOptions peer = options.peer;
    peer.rounds = options.rounds;
    if (isPublishedShape(options.shape)) {
        peer.pairs = peer.pairs > 0 ? peer.pairs : 3;
        for (const tools::ShapeBench& one : shapesOf(options)) {
            keep("shapes", hasPeer ? compareShape(one, peer) : timeShape(one));
        }
        return result;
    }
    const std::vector<BenchCase> cases = casesOf(options);
    if (hasPeer) {
        peer.pairs = peer.pairs > 0 ? peer.pairs : 7;
        for (const BenchCase& one : cases) {
            keep("peer", comparePeer(one, peer));
        }
        result["bf16_against_fp32"] = acrossPrecisions(result["peer"]);
        return result;
    }
    const auto wants = [&](const char* shape) { return options.shape == shape || options.shape == "all"; };
    for (const BenchCase& one : cases) {
        if (wants("round")) {
            keep("rounds", timeRounds(one, options.rounds));
        }
        if (options.isProfiled) {
            keep("profiles", profile(one, options.rounds));
        }
        if (wants("sampling")) {
            keep("sampling", timeSampling(one));
        }
    }
    if (options.shape == "limit") {
        for (const BenchCase& one : cases) {
            keep("limits", timeLimit(one, options.rounds));
        }
    }
    if (options.shape == "load") {
        if (options.model.empty()) {
            throw Error(ErrorKind::Config, "--shape load wants --model with a model folder");
        }
        for (const run::Dtype dtype : options.dtypes) {
            keep("loading", tools::benchLoading(options.model, dtype));
        }
    }
    if (wants("store")) {
        result["store"] = timeStore();
    }
    return result;
}

}  // namespace

void addBench(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<BenchOptions>();
    CLI::App* command = program.add_subcommand("bench", "Measure training rounds, sampling and the store, or compare with the Python peer");
    command
        ->add_option("--shape", options->shape,
                     "What to time; sd15, lcm and sdxl: the published network with random weights; load: reading the UNet of --model; limit: a round beside "
                     "its convolutions and matrix products alone")
        ->check(CLI::IsMember({"round", "sampling", "store", "all", "sd15", "lcm", "sdxl", "load", "limit"}))
        ->capture_default_str();
    addChoice(*command, "--method", options->method, "What is trained");
    command->add_option("--steps", options->steps, "Horizon; 4 for rlcm and 20 for ddpo when absent")->check(CLI::Range(2, 1000));
    command->add_option("--threads", options->threads, "CPU threads, as 1,2")->delimiter(',')->check(CLI::Range(1, 4096));
    addChoices(*command, "--dtype", options->dtypes, "One or more, as fp32,bf16");
    command->add_option("--images", options->images, "Images per round")->check(CLI::Range(2, 65536))->capture_default_str();
    command->add_option("--rounds", options->rounds, "Timed rounds, or calls of a network; 0: chosen")->check(CLI::Range(0, 100000))->capture_default_str();
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command->add_option("--resolution", options->resolution, "Pixels of a side, for a network")->check(CLI::Range(64, 4096))->capture_default_str();
    command->add_option("--batch", options->batch, "Images in a call, for a network")->check(CLI::Range(1, 256))->capture_default_str();
    command->add_option("--model", options->model, "Model folder whose UNet is loaded, for --shape load")->check(CLI::ExistingDirectory);
    command->add_flag("--gradient-checkpointing", options->isCheckpointed, "Compute each block again on the way back, for a network");
    addChoice(*command, "--record-calls", options->recordCalls, "Whether a round's calls are recorded and replayed on a GPU, as compute.record_calls");
    command->add_flag("--profile", options->isProfiled,
                      "Also say where the time of a round, or of a network's update, goes, operator by operator or kernel by kernel");
    command->add_option("--peer", options->peer.folder, "Folder with rlcm_peer.py and ddpo_peer.py, for a network with unet_peer.py: compare, alternating")
        ->check(CLI::ExistingDirectory);
    command->add_option("--python", options->peer.python, "Python that has the peer's libraries")->capture_default_str();
    command->add_option("--pairs", options->peer.pairs, "Pairs of runs; 0: 7, for a network 3")->check(CLI::Range(0, 1000))->capture_default_str();
    command->add_option("--peer-flags", options->peer.flags, "default: the published shapes; best: the peer's fastest options")
        ->check(CLI::IsMember({"default", "best"}))
        ->capture_default_str();
    command->add_flag("--json", options->isJson, "One JSON document");
    command->add_option("--out", options->out, "Also write the JSON document to this file");
    command->callback([options, &exitCode] {
        const auto save = [&](const Json& soFar) {
            if (!options->out.empty()) {
                writeFileAtomically(options->out, soFar.dump(2) + "\n");
            }
        };
        const Json result = runBench(*options, save);
        save(result);
        if (options->isJson) {
            std::cout << result.dump(2) << '\n';
        } else {
            printText(std::cout, result);
        }
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
