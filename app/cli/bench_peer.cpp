#include "app/cli/bench_peer.h"

#include <algorithm>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "app/cli/child_process.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/order_statistics.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRowsPerCall = 32;  // where the Python loop stops gaining from larger calls

void append(std::vector<std::string>& list, std::initializer_list<std::string> more) {
    list.insert(list.end(), more);
}

/// Largest divisor of `whole` that is at most `limit`.
std::int64_t divisorUpTo(std::int64_t whole, std::int64_t limit) {
    std::int64_t best = 1;
    for (std::int64_t candidate = 1; candidate <= std::min(whole, limit); ++candidate) {
        best = whole % candidate == 0 ? candidate : best;
    }
    return best;
}

void addShapes(std::vector<std::string>& arguments, const BenchCase& one, const std::string& flags) {
    const bool isRlcm = one.isRlcm();
    if (flags == "default") {
        append(arguments, isRlcm ? std::initializer_list<std::string>{"--sample-batch", "4", "--train-batch", "2"}
                                 : std::initializer_list<std::string>{"--sample-batch", "8", "--train-batch", "4", "--accum",
                                                                      std::to_string(std::max<std::int64_t>(1, one.images / 8))});
        return;
    }
    const std::int64_t updateImages = isRlcm ? one.images : one.images / 2;
    const std::int64_t batch = divisorUpTo(updateImages, isRlcm ? std::max<std::int64_t>(1, kRowsPerCall / one.steps) : 8);
    const std::int64_t timesteps = divisorUpTo(one.steps, std::max<std::int64_t>(1, kRowsPerCall / batch));
    append(arguments, {"--sample-batch", std::to_string(one.images), "--train-batch", std::to_string(batch), "--timesteps-per-batch", std::to_string(timesteps),
                       "--batched-logprob"});
    if (!isRlcm) {
        append(arguments, {"--accum", std::to_string(updateImages / batch)});
    }
    if (one.dtype == run::Dtype::Bf16) {
        append(arguments, {"--explicit-attention"});
    }
}

std::vector<std::string> peerArguments(const BenchCase& one, const PeerOptions& options, const run::RunConfig& config, const fs::path& prompts,
                                       const fs::path& out) {
    const std::string model = (resourceFolder() / "models" / config.model.path).string();
    const int rounds = options.rounds > 0 ? options.rounds : defaultRounds(one);
    std::vector<std::string> arguments{options.python, (options.folder / (std::string(toString(one.method)) + "_peer.py")).string()};
    append(arguments, {"--model", model, "--prompts", prompts.string(), "--out", out.string()});
    append(arguments, {"--steps", std::to_string(one.steps), "--guidance", shortNumber(config.sampling.guidance)});
    append(arguments, {"--images-per-round", std::to_string(one.images), "--reward", "compress", "--rounds", std::to_string(rounds + kWarmupRounds)});
    append(arguments, {"--warmup", std::to_string(kWarmupRounds), "--threads", std::to_string(one.threads), "--reward-workers", "1"});
    append(arguments, {"--dtype", std::string(toString(one.dtype)), "--device", one.device == "cpu" || one.device == "auto" ? "cpu" : "cuda"});
    append(arguments,
           {"--rank", std::to_string(config.lora.rank), "--alpha", shortNumber(config.lora.alpha), "--lr", shortNumber(config.training.learningRate)});
    addShapes(arguments, one, options.flags);
    return arguments;
}

/// The peer's records: "start" with versions and settings, the last round, "end" with medians.
Json runPeer(const BenchCase& one, const PeerOptions& options) {
    const BenchPrompts prompts;
    const fs::path out = fs::temp_directory_path() / ("rlcm-bench-peer-" + std::to_string(::getpid()) + ".jsonl");
    runProgram(peerArguments(one, options, benchConfig(one, prompts.file()), prompts.file(), out));
    std::istringstream lines(readFile(out));
    fs::remove(out);
    Json records;
    for (std::string line; std::getline(lines, line);) {
        const Json record = parseJson(line, "the peer's record");
        records[record.contains("event") ? record.at("event").get<std::string>() : "last_round"] = record;
    }
    if (!records.contains("end") || !records.contains("start")) {
        throw Error(ErrorKind::Format, "the peer wrote no closing record");
    }
    return records;
}

Json runOurs(const BenchCase& one, const PeerOptions& options) {
    const int rounds = 2 * (options.rounds > 0 ? options.rounds : defaultRounds(one));  // shorter rounds, so more of them
    const std::string text =
        runProgram({ownProgram(), "bench", "--shape", "round", "--json", "--method", std::string(toString(one.method)), "--steps", std::to_string(one.steps),
                    "--threads", std::to_string(one.threads), "--dtype", std::string(toString(one.dtype)), "--images", std::to_string(one.images), "--device",
                    one.device == "auto" ? "cpu" : one.device, "--rounds", std::to_string(rounds)});
    return parseJson(text, "our own benchmark").at("rounds").at(0);
}

}  // namespace

Json comparePeer(const BenchCase& one, const PeerOptions& options) {
    std::vector<double> ratios, ours, theirs;
    Json peer, own;
    for (int pair = 1; pair <= options.pairs; ++pair) {
        peer = runPeer(one, options);
        own = runOurs(one, options);
        theirs.push_back(peer.at("end").at("median_images_per_s"));
        ours.push_back(own.at("images_per_s"));
        ratios.push_back(ours.back() / theirs.back());
        std::cerr << one.title() << ", pair " << pair << "/" << options.pairs << ": peer " << shortNumber(theirs.back()) << ", ours "
                  << shortNumber(ours.back()) << " images/s, ratio " << shortNumber(ratios.back(), 3) << '\n';
    }
    const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    return {{"case", one.title()},
            {"method", toString(one.method)},
            {"steps", one.steps},
            {"dtype", toString(one.dtype)},
            {"threads", one.threads},
            {"peer_flags", options.flags},
            {"ratio", {{"median", median(ratios)}, {"low", *low}, {"high", *high}, {"all", ratios}}},
            {"ours_images_per_s", median(ours)},
            {"peer_images_per_s", median(theirs)},
            {"ours", own},
            {"peer", peer}};
}

}  // namespace rlcm::cli
