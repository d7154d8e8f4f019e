#include "core/tools/kernel_limit.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/sampling/setup.h"
#include "core/tensor/operator_recorder.h"
#include "core/tools/bench_rounds.h"

namespace rlcm::tools {
namespace {

constexpr int kPasses = 5;

struct ProductTime {
    std::int64_t calls = 0;
    double inRound = 0, alone = 0;  ///< seconds
};

Json productTable(const std::map<std::string, ProductTime>& rows) {
    std::vector<std::pair<std::string, ProductTime>> sorted(rows.begin(), rows.end());
    std::ranges::sort(sorted, [](const auto& a, const auto& b) { return a.second.inRound > b.second.inRound; });
    Json table = Json::array();
    for (const auto& [name, row] : sorted) {
        table.push_back({{"name", name}, {"calls", row.calls}, {"ms", 1000 * row.inRound}, {"alone_ms", 1000 * row.alone}});
    }
    return table;
}

}  // namespace

Json benchLimit(const run::RunConfig& config, int rounds) {
    ensure(rounds >= 1, "the limit needs a round to compare with");
    BenchRounds bench(config);
    bench.next();  // warms up
    double best = std::numeric_limits<double>::infinity();
    for (int round = 0; round < rounds; ++round) {
        best = std::min(best, bench.next().seconds);
    }
    tensor::OperatorRecorder recorder;
    bench.next();
    std::map<std::string, ProductTime> rows;
    double alone = 0;
    for (const tensor::RecordedOperator& one : recorder.timeAlone(kPasses)) {
        ProductTime& row = rows[one.name];
        row.calls += one.calls;
        row.inRound += one.seconds;
        row.alone += one.secondsAlone;
        alone += one.secondsAlone;
    }
    const double limit = alone / sampling::threadCount(config);
    return {{"seconds", best}, {"limit_seconds", limit}, {"share", limit / best}, {"rows", productTable(rows)}};
}

}  // namespace rlcm::tools
