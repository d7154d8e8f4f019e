#pragma once
// What the compare page knows about runs, and the pure functions that turn it into curves.
#include <QString>
#include <string>
#include <vector>

#include "core/figure/lines.h"
#include "core/store/workspace.h"
#include "ui/charts/chart_widget.h"
#include "ui/gallery/image_key.h"
#include "ui/view/page.h"
#include "ui/view/x_axis.h"

namespace rlcm::ui {

/// Everything that the page needs of one visible run.
struct RunCurve {
    store::RunRow run;
    std::vector<store::ScalarRow> points;        ///< of the chosen scalar
    std::vector<store::ScalarRow> evaluations;   ///< eval_reward_mean: where the evaluations lie on every axis
    std::vector<std::int64_t> sampleEpochs;      ///< ascending
    std::vector<std::int64_t> checkpoints = {};  ///< epochs, ascending
    std::vector<store::EventRow> events = {};    ///< alarms and edits, as they happened
    std::string groupKey = {}, rewardKey = {};   ///< see core/figure/lines.h; made by the loader, empty: not yet
    QString judgeModel = {};                     ///< likewise; empty also when it has none
};
struct CompareData {
    std::string scalar;                    ///< what the points are values of
    std::vector<RunCurve> runs;            ///< visible ones, oldest first
    std::vector<std::string> scalarNames;  ///< of all of them, sorted
    int hiddenRuns = 0;
};

struct CurveOptions {
    XAxis axis = XAxis::Epoch;
    bool isGrouped = false;
    figure::Band band = figure::Band::MinMax;
};
/// The runs that share an axis: of a measure in units of the reward those with that reward, else all.
std::vector<const RunCurve*> comparableRuns(const CompareData& data, const std::string& measure, const std::string& rewardKey);
/// Whether so many runs are easier to read as groups of seeds: more than kManyCurves, and some differ only in their seed.
bool areBetterGrouped(const std::vector<const RunCurve*>& runs);
/// One curve per run, or per group of seeds with mean and band, see figure::makeLines.
std::vector<Series> makeSeries(const std::vector<const RunCurve*>& runs, const CurveOptions& options);
/// Gives curves that are many short names, see ui/widgets/short_names.h: "rlcm H4 ×3" for three seeds.
void nameBriefly(std::vector<Series>& all);
/// What happened in the runs, with their names, each where its run was then.
std::vector<ChartMark> makeMarks(const std::vector<const RunCurve*>& runs, XAxis axis);
/// x of a run after so many epochs: that of its newest point at or before them; 0 without one.
double xAtEpoch(const RunCurve& run, std::int64_t epoch, XAxis axis);
/// The time bar of several runs against an axis: where any of them has a point, thinned to what a mouse can tell apart, and what there is.
EpochRange makeRange(const std::vector<const RunCurve*>& runs, XAxis axis);
/// Largest x of any curve; 0 without data.
double longestX(const CompareData& data, XAxis axis);

/// The same place on another axis, as the run with the most points has it; x itself without data.
double convertX(const CompareData& data, double x, XAxis from, XAxis to);

/// The images of a run that belong to the place x: the newest evaluation at or before it.
struct ImageChoice {
    std::int64_t epoch = -1;  ///< -1: none yet
    bool isExact = false;     ///< it was evaluated at that very place
};
/// `x` not finite: the newest.
ImageChoice imagesAt(const RunCurve& run, XAxis axis, double x);

/// The images of all sets, each once, in the order in which the runs have them.
std::vector<ImageKey> imageKeys(const std::vector<const std::vector<store::SampleRow>*>& sets);

}  // namespace rlcm::ui
