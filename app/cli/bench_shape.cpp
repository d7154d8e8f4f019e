#include "app/cli/bench_shape.h"

#include <algorithm>
#include <iostream>

#include <unistd.h>

#include "app/cli/bench_rounds.h"
#include "app/cli/child_process.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/order_statistics.h"
#include "core/shapes/model_shape.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

/// Ratios peer / ours of a phase, pair by pair: by the clock and by processor time, which a busy machine disturbs less.
struct Ratios {
    std::string phase;
    std::vector<double> clock, processor;

    void add(const Json& peer, const Json& ours) {
        const auto ratio = [&](const char* key) {
            const auto typical = [&](const Json& side) { return median(side.at(phase).at(key).get<std::vector<double>>()); };
            return typical(peer) / typical(ours);
        };
        clock.push_back(ratio("all_seconds"));
        processor.push_back(ratio("all_processor_seconds"));
    }
};

std::string gib(const Json& bytes) {
    return shortNumber(bytes.get<double>() / (1024.0 * 1024.0 * 1024.0), 3) + " GiB";
}

std::vector<std::string> commonArguments(const tools::ShapeBench& one) {
    std::vector<std::string> arguments{"--resolution", std::to_string(one.resolution),   "--batch",  std::to_string(one.batch),
                                       "--dtype",      std::string(toString(one.dtype)), "--device", one.device,
                                       "--threads",    std::to_string(one.threads)};
    if (one.isCheckpointed) {
        arguments.push_back("--gradient-checkpointing");
    }
    return arguments;
}

Json runPeer(const tools::ShapeBench& one, const PeerOptions& options) {
    const fs::path config = fs::temp_directory_path() / ("rlcm-bench-unet-" + std::to_string(::getpid()) + ".json");
    writeFileAtomically(config, shapes::publishedUNet(one.shape).dump());
    std::vector<std::string> arguments{options.python, (options.folder / "unet_peer.py").string(),
                                       "--config",     config.string(),
                                       "--rank",       std::to_string(one.rank),
                                       "--repeats",    std::to_string(one.repeats)};
    const auto common = commonArguments(one);
    arguments.insert(arguments.end(), common.begin(), common.end());
    const std::string text = runProgram(arguments);
    fs::remove(config);
    return parseJson(text, "the peer's record");
}

Json runOurs(const tools::ShapeBench& one) {
    std::vector<std::string> arguments{ownProgram(), "bench", "--shape", one.shape, "--json", "--rounds", std::to_string(one.repeats)};
    const auto common = commonArguments(one);
    arguments.insert(arguments.end(), common.begin(), common.end());
    return parseJson(runProgram(arguments), "our own benchmark").at("shapes").at(0);
}

Json spread(const std::vector<double>& ratios) {
    const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    return {{"median", median(ratios)}, {"low", *low}, {"high", *high}, {"all", ratios}};
}

void printRatio(std::ostream& out, const char* what, const Json& ratio) {
    out << "  " << what << ": peer / ours " << shortNumber(ratio.at("median"), 3) << " (" << shortNumber(ratio.at("low"), 3) << " to "
        << shortNumber(ratio.at("high"), 3) << ") over " << ratio.at("all").size() << " pairs\n";
}

}  // namespace

bool isPublishedShape(const std::string& shape) {
    return shape == "sd15" || shape == "lcm" || shape == "sdxl";
}

std::string titleOf(const tools::ShapeBench& one) {
    return one.shape + " " + std::to_string(one.resolution) + " px, batch " + std::to_string(one.batch) + ", " + std::string(toString(one.dtype)) + ", " +
           one.device + ", " + std::to_string(one.threads) + (one.threads == 1 ? " thread" : " threads") +
           (one.isCheckpointed ? ", gradient checkpointing" : "");
}

Json timeShape(const tools::ShapeBench& one) {
    Json result = tools::benchShape(one);
    result["case"] = titleOf(one);
    return result;
}

Json compareShape(const tools::ShapeBench& one, const PeerOptions& options) {
    Ratios forward{"forward", {}, {}}, update{"update", {}, {}};
    Json peer, ours;
    for (int pair = 1; pair <= options.pairs; ++pair) {
        peer = runPeer(one, options);
        ours = runOurs(one);
        forward.add(peer, ours);
        update.add(peer, ours);
        std::cerr << titleOf(one) << ", pair " << pair << "/" << options.pairs << ": peer / ours " << shortNumber(forward.clock.back(), 3) << " forward, "
                  << shortNumber(update.clock.back(), 3) << " forward and backward; processor time " << shortNumber(forward.processor.back(), 3) << ", "
                  << shortNumber(update.processor.back(), 3) << '\n';
    }
    ours["ratio"] = {{"forward", spread(forward.clock)}, {"update", spread(update.clock)}};
    ours["processor_ratio"] = {{"forward", spread(forward.processor)}, {"update", spread(update.processor)}};
    ours["peer"] = peer;
    return ours;
}

void printShape(std::ostream& out, const Json& result) {
    out << result.at("case").get<std::string>() << ": forward " << shortNumber(result.at("forward").at("seconds")) << " s, forward and backward "
        << shortNumber(result.at("update").at("seconds")) << " s\n  memory: " << gib(result.at("resting_bytes")) << " at rest, at most "
        << gib(result.at("forward").at("peak_bytes")) << " in forward, " << gib(result.at("update").at("peak_bytes")) << " in forward and backward\n";
    if (result.contains("ratio")) {
        printRatio(out, "forward", result.at("ratio").at("forward"));
        printRatio(out, "forward and backward", result.at("ratio").at("update"));
        printRatio(out, "forward, processor time", result.at("processor_ratio").at("forward"));
        printRatio(out, "forward and backward, processor time", result.at("processor_ratio").at("update"));
    }
}

}  // namespace rlcm::cli
