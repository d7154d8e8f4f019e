#include "core/tools/kernel_limit.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/sampling/setup.h"
#include "core/tensor/operator_recorder.h"
#include "core/tools/bench_rounds.h"

namespace rlcm::tools {
namespace {

/// A round and its products alone.
struct Pair {
    double seconds = 0;
    std::vector<tensor::RecordedOperator> products;
    double limit = 0;
    double share() const { return limit / seconds; }
};

Json productTable(const std::vector<tensor::RecordedOperator>& products) {
    std::map<std::string, tensor::RecordedOperator> byName;
    for (const tensor::RecordedOperator& one : products) {
        tensor::RecordedOperator& row = byName[one.name];
        row.calls += one.calls;
        row.seconds += one.seconds;
        row.secondsAlone += one.secondsAlone;
    }
    std::vector<std::pair<std::string, tensor::RecordedOperator>> rows(byName.begin(), byName.end());
    std::ranges::sort(rows, [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
    Json table = Json::array();
    for (const auto& [name, row] : rows) {
        table.push_back({{"name", name}, {"calls", row.calls}, {"ms", 1000 * row.seconds}, {"alone_ms", 1000 * row.secondsAlone}});
    }
    return table;
}

}  // namespace

Json benchLimit(const run::RunConfig& config, int rounds) {
    ensure(rounds >= 1, "the limit needs a round to compare with");
    BenchRounds bench(config);
    bench.next();  // warms up
    tensor::OperatorRecorder recorder;
    bench.next();
    recorder.timeAlone();  // warms up
    std::vector<Pair> pairs;
    for (int round = 0; round < rounds; ++round) {
        const double seconds = bench.next().seconds;
        pairs.push_back({seconds, recorder.timeAlone()});
        for (const tensor::RecordedOperator& one : pairs.back().products) {
            pairs.back().limit += one.secondsAlone / static_cast<double>(sampling::threadCount(config));
        }
    }
    std::ranges::sort(pairs, {}, &Pair::share);
    const Pair& middle = pairs[(pairs.size() - 1) / 2];
    return {{"seconds", middle.seconds},
            {"limit_seconds", middle.limit},
            {"share", middle.share()},
            {"low", pairs.front().share()},
            {"high", pairs.back().share()},
            {"pairs", pairs.size()},
            {"rows", productTable(middle.products)}};
}

}  // namespace rlcm::tools
