#pragma once
// What a run has used up so far, and the one table of these counters: columns of the store, JSON keys, CSV headers and the axes that curves can be drawn over
// follow from it. A new counter is a member, a name in `Counter`, a row of the table and a migration.
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace rlcm::run {

/// Running totals since the run's first epoch; the same after a resume as without it (times aside).
struct Counters {
    std::int64_t epoch = 0;          ///< epochs finished
    std::int64_t images = 0;         ///< training images sampled
    std::int64_t rewardQueries = 0;  ///< pictures scored for training: images, and what else of a trajectory is scored; those of evaluations are not among them
    /// Rows that went forward through the UNet in sampling and training; guidance by doubling counts twice, an update through a kept graph not at all.
    std::int64_t denoiserEvaluations = 0;
    /// What the published algorithm would have taken: every sampled and every trained row.
    std::int64_t nominalDenoiserEvaluations = 0;
    std::int64_t optimizerSteps = 0;
    double activeSeconds = 0;  ///< all work of all processes so far, what a kill threw away included; pauses left out
    double wallSeconds = 0;    ///< the same with pauses; downtime between processes left out
    bool operator==(const Counters&) const = default;
};

/// The counters in the order of their table, which is that in which they are offered as axes.
enum class Counter { Epoch, OptimizerSteps, Images, RewardQueries, DenoiserEvaluations, NominalDenoiserEvaluations, ActiveTime, WallTime };

/// One counter of the table.
struct CounterField {
    Counter counter;
    std::string_view name;   ///< column, JSON key and CSV header
    std::string_view title;  ///< of an axis, for people
    std::string_view unit;   ///< short, after a number
    std::variant<std::int64_t Counters::*, double Counters::*> member;

    bool isSeconds() const { return std::holds_alternative<double Counters::*>(member); }
    double value(const Counters& counters) const;
    void set(Counters& counters, double value) const;
};
/// All counters, in the order of `Counter`. thread: any.
std::span<const CounterField> counterFields();
const CounterField& counterField(Counter counter);
/// The counter with this name. throws: Config naming the nearest one.
const CounterField& counterField(std::string_view name);

}  // namespace rlcm::run
