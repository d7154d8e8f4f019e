#pragma once
// Figures and tables to take away, made from the store without a screen (cairo). The window uses the same grid and table functions.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::report {

/// Name of a scalar for people, "Training reward (mean)" for "reward_mean"; unknown names come back as they are.
std::string scalarTitle(std::string_view scalar);
/// Whether a scalar is in units of the run's reward.
bool isInRewardUnits(std::string_view scalar);
/// Unit of a reward by its terms, as " (kB)"; "" when it has none.
std::string rewardUnit(std::string_view terms);

struct GridOptions {
    std::optional<std::int64_t> epoch;  ///< the evaluation at or before it; empty: the newest
    int columns = 0;                    ///< 0: near square
    int cellPixels = 192;               ///< side of an image in the grid. Small images are enlarged by whole factors without blurring,
                                        ///< as far as that goes; those of 256 pixels or more, and larger ones than this, are resampled
    int gapPixels = 8;
    bool hasLabels = true;              ///< prompt and reward under each image, a title line above
    int jpegQuality = 95;
};
/// Writes the evaluation grid; the format follows the extension (.png, .jpg). PNG carries run, epoch, prompts and rewards as text entries.
/// throws: Store when the run has no images, Config for another extension or more than 200 megapixels, Io.
void exportGrid(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file, const GridOptions& options = {});

struct CurveOptions {
    std::vector<std::string> scalars;   ///< empty: reward_mean and eval_reward_mean
    std::string xAxis = "epoch";        ///< epoch | optimizer_steps | images | reward_queries | denoiser_evaluations | nominal_denoiser_evaluations | active_seconds | wall_seconds
    int widthPx = 1200, heightPx = 750;
};
/// Writes the curves of one or more runs as .pdf, .svg or .png with axis titles and legend; what has another unit gets an axis of
/// its own. throws: Config (also when the figure has no readable room for all), Store, Io.
void exportCurve(const store::StoreReader& reader, const std::vector<run::RunId>& ids, const std::filesystem::path& file, const CurveOptions& options = {});
/// Writes every scalar of a run, one row per epoch, all counters as columns, numbers that read back exactly.
void exportCsv(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file);

}  // namespace rlcm::report
