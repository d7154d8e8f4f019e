#pragma once
// Evaluation images as rows, columns and pages of what they differ in.
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/figure/pivot_images.h"
#include "core/figure/pivot_range.h"

namespace rlcm::figure {

enum class PivotSlot { Rows, Columns, Pages };
inline constexpr int kPivotSlots = 3;
enum class PromptGroup { All, Training, HeldOut };
/// Of rows: as their range has them, or by the mean change of their rewards, the largest gain first.
enum class PivotOrder { AsChosen, ByChange };

/// What a grid shows.
struct PivotSpec {
    std::array<PivotAxis, kPivotSlots> axes{PivotAxis::Epoch, PivotAxis::Prompt, PivotAxis::Run};  ///< by PivotSlot, unlike each other
    std::array<std::string, kPivotAxes> ranges{};                                                  ///< by PivotAxis, see chosenValues
    PromptGroup prompts = PromptGroup::All;
    PivotOrder order = PivotOrder::AsChosen;
    bool operator==(const PivotSpec&) const = default;

    PivotAxis axis(PivotSlot slot) const { return axes[static_cast<std::size_t>(slot)]; }
    /// Another axis in a slot; where it stood before comes what the slot had.
    void setAxis(PivotSlot slot, PivotAxis axis);
    const std::string& range(PivotAxis axis) const { return ranges[static_cast<std::size_t>(axis)]; }
    bool has(PivotAxis axis) const { return axes[0] == axis || axes[1] == axis || axes[2] == axis; }
};

/// Where an axis stands that is in no slot. Of prompts and noises that is the first; with ranks every one.
struct PivotFocus {
    std::int64_t epoch = 0;
    run::RunId run;  ///< where no slot tells the run, and among several that have a horizon or seed; another if it is not among them
    bool operator==(const PivotFocus&) const = default;
};

struct PivotHeader {
    std::int64_t value = 0;  ///< of prompts and runs their number from 0
    std::string text;
};

enum class PivotAbsence { None, NoRun, NoImages, NotYet, NotInSet, OtherNoise, NoRank };

/// One image, or why there is none.
struct PivotCell {
    const PivotRun* run = nullptr;
    const store::SampleRow* image = nullptr;
    const store::SampleRow* first = nullptr;  ///< of the same run, prompt and noise, earliest
    std::int64_t askedEpoch = 0;
    PivotAbsence absence = PivotAbsence::None;
    /// It is the latest one before the epoch asked for.
    bool isFallback() const { return image != nullptr && image->epoch < askedEpoch; }
    /// Of the reward against the first image; nothing for that one.
    std::optional<double> change() const;
    std::optional<double> judge() const;  ///< accuracy over the evaluation that it is of
};
/// "not in its set", with what would be there.
std::string absenceText(const PivotCell& cell);

/// A page in numbers. Means are of the cells that have a change; there is none where their rewards share no unit.
struct PivotSummary {
    std::vector<std::optional<double>> rowChange, columnChange;
    std::map<std::string, std::pair<double, double>> rewards;  ///< least and largest, by PivotRun::rewardKey
    std::map<std::string, double> largestChange;               ///< its size, by PivotRun::rewardKey
    std::size_t images = 0;
};

/// Which image stands in which cell. Nothing is laid out: a cell is found when it is asked for. Not thread safe.
class PivotGrid {
public:
    PivotGrid() : PivotGrid(std::make_shared<const PivotImages>(), {}, {}) {}
    /// A range that cannot be read counts as all, and rangeError() has why.
    PivotGrid(std::shared_ptr<const PivotImages> images, PivotSpec spec, PivotFocus focus);

    const PivotSpec& spec() const { return m_spec; }
    const PivotFocus& focus() const { return m_focus; }
    const PivotImages& images() const { return *m_images; }
    const std::vector<PivotHeader>& headers(PivotSlot slot) const { return m_headers[static_cast<std::size_t>(slot)]; }
    /// What may be typed for an axis.
    PivotValues values(PivotAxis axis) const;
    /// Why a range cannot be used; empty: it can.
    std::string rangeError(PivotAxis axis, const std::string& range) const;
    std::string rangeError(PivotSlot slot) const { return rangeError(m_spec.axis(slot), m_spec.range(m_spec.axis(slot))); }

    PivotCell cell(int row, int column, int page) const;
    PivotSummary summary(int page) const;
    /// Rows of the grid in the order in which they are shown on a page.
    std::vector<int> rowOrder(const PivotSummary& summary) const;

private:
    /// What the headers of a cell say.
    struct Point;
    int chooseRun(const Point& point) const;
    struct Ranked {
        const store::SampleRow *image, *first;
    };
    const std::vector<Ranked>& ranked(int run, const Point& point) const;
    PivotCell rankedCell(PivotCell cell, int run, const Point& point) const;

    std::shared_ptr<const PivotImages> m_images;
    PivotSpec m_spec;
    PivotFocus m_focus;
    std::array<std::vector<PivotHeader>, kPivotSlots> m_headers;
    std::vector<int> m_prompts;  // of the group and, if they have a slot, in the range
    int m_focusRun = -1;
    mutable std::map<std::array<std::int64_t, 4>, std::vector<Ranked>> m_ranked;  // by run, epoch, prompt, noise (-1: any)
};

}  // namespace rlcm::figure
