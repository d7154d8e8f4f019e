#include "core/tools/profile.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/sampling/setup.h"
#include "core/tensor/device.h"
#include "core/tensor/profiler.h"
#include "core/tools/bench_rounds.h"

namespace rlcm::tools {
namespace {

using tensor::ProfiledCall;

struct Row {
    std::int64_t calls = 0;
    double milliseconds = 0;
};

double millisecondsOf(const ProfiledCall& call) {
    return static_cast<double>(call.end - call.begin) / 1e6;
}

/// Kernels and copies do not nest, but run beside each other on several streams.
double busyMilliseconds(std::vector<ProfiledCall> calls) {
    std::ranges::sort(calls, {}, &ProfiledCall::begin);
    std::uint64_t reached = 0, busy = 0;
    for (const ProfiledCall& one : calls) {
        const std::uint64_t from = std::max(one.begin, reached);
        busy += one.end > from ? one.end - from : 0;
        reached = std::max(reached, one.end);
    }
    return static_cast<double>(busy) / 1e6;
}

std::map<std::string, Row> sums(const std::vector<ProfiledCall>& calls) {
    std::map<std::string, Row> rows;
    for (const ProfiledCall& one : calls) {
        Row& row = rows[one.name];
        ++row.calls;
        row.milliseconds += millisecondsOf(one);
    }
    return rows;
}

/// The same, without the time of the operators that one calls on its thread.
std::map<std::string, Row> ownSums(std::vector<ProfiledCall> calls) {
    std::ranges::sort(calls, [](const ProfiledCall& a, const ProfiledCall& b) {
        return std::tuple(a.thread, a.begin, b.end) < std::tuple(b.thread, b.begin, a.end);  // a caller before what it calls
    });
    std::map<std::string, Row> rows = sums(calls);
    std::vector<const ProfiledCall*> open;
    for (const ProfiledCall& one : calls) {
        while (!open.empty() && (open.back()->thread != one.thread || open.back()->end <= one.begin)) {
            open.pop_back();
        }
        if (!open.empty()) {
            rows[open.back()->name].milliseconds -= millisecondsOf(one);
        }
        open.push_back(&one);
    }
    return rows;
}

Json tableOf(const std::map<std::string, Row>& rows, int calls, std::size_t limit) {
    double all = 0;
    std::vector<std::pair<std::string, Row>> sorted(rows.begin(), rows.end());
    for (const auto& [name, row] : sorted) {
        all += row.milliseconds;
    }
    std::ranges::sort(sorted, [](const auto& a, const auto& b) { return a.second.milliseconds > b.second.milliseconds; });
    sorted.resize(std::min(sorted.size(), limit));
    Json table = Json::array();
    for (const auto& [name, row] : sorted) {
        table.push_back({{"name", name},
                         {"calls", static_cast<double>(row.calls) / calls},
                         {"ms", row.milliseconds / calls},
                         {"share", all > 0 ? row.milliseconds / all : 0.0}});
    }
    return table;
}

}  // namespace

Json profiled(const std::string& deviceName, int calls, std::size_t limit, const std::function<void()>& work) {
    ensure(calls >= 1, "a profile needs a call to look at");
    const at::Device device = tensor::parseDevice(deviceName);
    work();
    tensor::waitFor(device);
    tensor::Profiler profiler(device);
    const sampling::Stopwatch watch;
    for (int call = 0; call < calls; ++call) {
        work();
    }
    tensor::waitFor(device);
    const double seconds = watch.seconds();
    const std::vector<ProfiledCall> found = profiler.finish();
    Json profile{{"device", device.str()}, {"seconds", seconds / calls}, {"rows", tableOf(device.is_cpu() ? ownSums(found) : sums(found), calls, limit)}};
    if (!device.is_cpu()) {
        profile["busy_share"] = busyMilliseconds(found) / (1000.0 * seconds);
    }
    return profile;
}

Json profileRounds(const run::RunConfig& config, int rounds, std::size_t limit) {
    BenchRounds bench(config);
    return profiled(config.compute.device, rounds, limit, [&] { bench.next(); });
}

}  // namespace rlcm::tools
