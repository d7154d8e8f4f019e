#include "core/store/patience.h"

#include <chrono>
#include <string>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "core/base/log.h"

namespace rlcm::store {
namespace {

constexpr int kQuickTries = 10, kQuickMs = 5, kSlowMs = 50;
constexpr int kBriefMs = 5'000, kMinutesMs = 600'000;
constexpr int kFirstWordMs = 5'000, kNextWordMs = 30'000;

/// Milliseconds waited after so many tries.
constexpr int waitedMs(int tries) {
    return tries <= kQuickTries ? tries * kQuickMs : kQuickTries * kQuickMs + (tries - kQuickTries) * kSlowMs;
}

constexpr bool isDue(int before, int after) {
    return before / kNextWordMs != after / kNextWordMs || (before < kFirstWordMs && after >= kFirstWordMs);
}

/// SQLite's busy handler: counts the tries for one lock. Another try follows a result that is not 0.
template <int limitMs>
int onBusy(void*, int tries) {
    const int before = waitedMs(tries), after = waitedMs(tries + 1);
    if (after > limitMs) {
        return 0;
    }
    if (limitMs > kBriefMs && isDue(before, after)) {
        log::warning("store", "another process has kept the database locked for " + std::to_string(after / 1000) + " s; waiting for it");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(after - before));
    return 1;
}

}  // namespace

void setPatience(SQLite::Database& database, Patience patience) {
    sqlite3_busy_handler(database.getHandle(), patience == Patience::Brief ? onBusy<kBriefMs> : onBusy<kMinutesMs>, nullptr);
}

}  // namespace rlcm::store
