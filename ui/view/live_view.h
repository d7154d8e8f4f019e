#pragma once
// Choices of the live page.
#include <QJsonObject>
#include <optional>
#include <string>
#include <vector>

#include "core/run/measures.h"
#include "ui/view/x_axis.h"

namespace rlcm::ui {

/// The part of a chart that is shown.
struct Zoom {
    double x0 = 0, x1 = 1, y0 = 0, y1 = 1;
    bool hasY = true;  ///< false: along x alone, y0 and y1 are without meaning
    bool operator==(const Zoom&) const = default;
};
/// Four numbers, two for a zoom along x alone.
QJsonValue zoomJson(const std::optional<Zoom>& zoom);
std::optional<Zoom> zoomOf(const QJsonValue& value);

/// The rewards that one chart shows together: of training, of the evaluation set, of its held-out prompts.
const std::vector<std::string>& rewardMeasures();

/// One chart of the live page.
struct LivePanel {
    std::vector<std::string> measures = {};  ///< of one unit; may not exist
    std::optional<Zoom> zoom = {};           ///< empty: everything
    bool isLogY = false;
    bool operator==(const LivePanel&) const = default;
};
inline constexpr std::size_t kMostPanels = 6;

struct LiveView {
    XAxis axis = XAxis::Epoch;
    /// Never empty. At first the rewards, and beside them: does the prompt still show?
    std::vector<LivePanel> panels = {LivePanel{.measures = rewardMeasures()}, LivePanel{.measures = {std::string(run::measure::kEvalJudgeAccuracy)}}};
    int halfLife = 2;  ///< of the smoothing, in epochs; 0: off
    bool isLogOpen = false;
    int imagesLarger = 0;  ///< sizes more than that of which all images fit
    bool operator==(const LiveView&) const = default;

    /// All charts show everything.
    void showWhole();
    /// In the last chart, or in one of its own where there are only the rewards.
    void showMeasure(const std::string& name);
};

QJsonObject liveJson(const LiveView& live);
/// What is absent, of another kind or out of range is as in a fresh LiveView.
LiveView liveOf(const QJsonObject& json);

}  // namespace rlcm::ui
