#pragma once
// What the user looks at, as a value: all pages show it, and it can be compared, kept, undone and saved.
#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/figure/smoothing.h"
#include "core/figure/statistics.h"
#include "core/run/measures.h"
#include "core/run/run_event.h"
#include "ui/view/grid_view.h"
#include "ui/view/live_view.h"
#include "ui/view/x_axis.h"

namespace rlcm::ui {

/// The epoch that every page shows.
struct Cursor {
    /// A place on an axis other than the epoch.
    struct Place {
        XAxis unit = XAxis::Epoch;
        double x = 0;
        bool operator==(const Place&) const = default;
    };
    int epoch = 0;
    bool isFollowing = true;          ///< the newest epoch, whatever comes
    std::optional<Place> place = {};  ///< chosen on such an axis; ends with the next choice of an epoch
    bool operator==(const Cursor&) const = default;
};
/// Choices of the compare page.
struct CompareView {
    std::string measure{run::measure::kEvalRewardMean};
    std::string reward = {};  ///< key of the one drawn where runs have unlike rewards; empty: that of most runs
    XAxis axis = XAxis::Epoch;
    double halfLife = 3;  ///< or width of the smoothing, in the axis' unit; 0: off
    figure::Smoother smoother = figure::Smoother::Exponential;
    bool hasRaw = true, isLogY = false, ignoresOutliers = false;
    std::optional<bool> isGrouped = {};  ///< seeds are drawn as one curve; empty: as soon as there are many runs
    figure::Band band = figure::Band::MinMax;
    int image = 0;  ///< of the evaluation set
    std::optional<Zoom> zoom = {};
    bool operator==(const CompareView&) const = default;
};

/// Choices of the page of settings.
struct InspectView {
    bool comparesShown = false;    ///< with the runs in the charts
    bool onlyDifferences = false;  ///< between the runs; of one alone, from its closest preset
    bool hidesNoise = false;       ///< without name, seed and what it was computed on
    bool operator==(const InspectView&) const = default;
};

/// What an image costs when the model is used: seconds, where they have been measured, or rows of the denoiser.
enum class InferenceCost { Milliseconds, DenoiserEvaluations };
/// Choices of the page of horizons.
struct HorizonsView {
    std::string measure{run::measure::kEvalRewardMean};
    std::string reward = {};  ///< as CompareView
    InferenceCost cost = InferenceCost::Milliseconds;
    XAxis unit = XAxis::RewardQueries;  ///< of the budget
    std::optional<double> budget = {};  ///< empty: the largest that every group has reached
    figure::Band band = figure::Band::Confidence95;
    bool hasDominated = true;             ///< points that another beats in both are drawn, dimmed
    bool hasBase = true;                  ///< models before training are drawn, hollow
    int image = 0;                        ///< of the evaluation set
    std::vector<run::RunId> pinned = {};  ///< first runs of the groups whose images are shown; empty: all
    bool operator==(const HorizonsView&) const = default;
};

/// Choices of the page of studies.
struct StudiesView {
    QString study;  ///< empty: the first
    int seeds = 0;  ///< 0: as its file says
    bool operator==(const StudiesView&) const = default;
};

/// One side of a blind vote.
struct VoteChoice {
    run::RunId run = {};                     ///< empty: what fits the selection
    std::optional<std::int64_t> epoch = {};  ///< empty: the newest with images; for the same run on both sides the first, on the second of them
    bool operator==(const VoteChoice&) const = default;
};
/// Choices of the page of votes.
struct VoteView {
    VoteChoice a, b;
    bool operator==(const VoteView&) const = default;
};

struct ViewState {
    QString page = QStringLiteral("live");  ///< Page::key()
    run::RunId run;                         ///< selected; empty: none
    std::vector<run::RunId> pinned = {};    ///< stand above all others in the list, whatever is filtered
    run::RunId baseline;                    ///< that others are told against; empty: none
    QString model;                          ///< selected on the page of models
    Cursor cursor;
    LiveView live;
    CompareView compare;
    InspectView inspect;
    HorizonsView horizons;
    GridView grid;
    VoteView vote;
    StudiesView studies;
    std::map<QString, QByteArray> layout;  ///< of splitters, by a name of their own
    bool operator==(const ViewState&) const = default;

    /// Another run is shown whole.
    void select(const run::RunId& id);
    void goTo(int epoch) { cursor = {.epoch = epoch, .isFollowing = false}; }
};

/// What is looked at stays (run, model, place in time, budget, pinned groups, sides of a vote); page, charts, choices and sizes come from `kept`, and charts show everything.
ViewState arrangedAs(const ViewState& now, const ViewState& kept);
/// What a change between two states is of, for "Undo …": "selection", "zoom".
QString differenceText(const ViewState& before, const ViewState& after);
QJsonObject toJson(const ViewState& state);
/// What is absent, of another kind or out of range is as in a fresh ViewState.
ViewState viewStateFromJson(const QJsonObject& json);

}  // namespace rlcm::ui
