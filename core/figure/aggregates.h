#pragma once
// Figures over runs and tasks. source: Agarwal et al. 2021 (arXiv 2108.13264), the package rliable. Pure functions on finite numbers; thread: any.
#include <span>
#include <vector>

namespace rlcm::figure {

/// Scores of one method, [task][run]. Tasks may have different numbers of runs where some gave no number.
using Scores = std::vector<std::vector<double>>;

/// Scores without those that are no finite numbers, and what that left.
struct FiniteScores {
    Scores scores;
    int missing = 0;     ///< scores that were left out
    int fewestRuns = 0;  ///< of the task that has the fewest; 0: that task has none, and no figure can be given
};
FiniteScores finiteScores(const Scores& scores);

// Each throws std::logic_error for a task without a run and for a score that is not finite.

/// Interquartile mean: all scores sorted together, int(0.25 n) whole ones cut from each end, the mean of the rest.
double interquartileMean(const Scores& scores);
/// Median over the tasks of the mean over runs.
double medianOfTasks(const Scores& scores);
/// Mean over the tasks of the mean over runs.
double meanOfTasks(const Scores& scores);
/// gamma minus the mean of min(score, gamma); lower is better. The scores must be normalised: gamma is where a task counts as solved.
double optimalityGap(const Scores& scores, double gamma = 1.0);
/// For each task the share of the pairs (run of x, run of y) in which x is greater, ties by half. Both need the same tasks.
std::vector<double> improvementPerTask(const Scores& x, const Scores& y);
/// Mean of improvementPerTask; 0.5 for equal methods.
double probabilityOfImprovement(const Scores& x, const Scores& y);
/// For each threshold the share of all scores strictly above it.
std::vector<double> performanceProfile(const Scores& scores, std::span<const double> thresholds);
/// For each threshold the share of the task means strictly above it.
std::vector<double> taskProfile(const Scores& scores, std::span<const double> thresholds);

/// x - y run by run, where run i of both had the same seed (and prompts and starting noise); pairs with a missing half are left out.
/// throws: std::logic_error when the shapes differ.
Scores pairedDifferences(const Scores& x, const Scores& y);
/// Exact two-sided sign test of differences, zeros left out: the chance of so uneven signs if both were equal. Never below 2^(1-n) for n differences;
/// 1 when all are zero.
double signTest(std::span<const double> differences);

}  // namespace rlcm::figure
