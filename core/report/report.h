#pragma once
// Figures and tables to take away, made from the store without a screen (cairo). The window writes its files with the same functions.
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/figure/figure_spec.h"
#include "core/figure/panels.h"
#include "core/store/workspace.h"

namespace rlcm::report {

struct GridOptions {
    std::optional<std::int64_t> epoch;  ///< the evaluation at or before it; empty: the newest
    int columns = 0;                    ///< 0: near square
    int cellPixels = 192;               ///< side of an image in the grid. Small images are enlarged by whole factors without blurring,
                                        ///< as far as that goes; those of 256 pixels or more, and larger ones than this, are resampled
    int gapPixels = 8;
    std::array<std::uint8_t, 3> gapColour{255, 255, 255};  ///< between images and where there is none
    bool mayTile = false;                                  ///< what is too large for one file is written as several: "grid-1.png", "grid-2.png"
    std::int64_t mostPixels = 200'000'000;                 ///< of a file
    bool hasLabels = true;                                 ///< prompt and reward under each image, a title line above
    int jpegQuality = 95;
};
/// Writes the evaluation grid; the format follows the extension (.png, .jpg). PNG carries run, epoch, prompts and rewards as text entries.
/// throws: Store when the run has no images, Config for another extension or more than 200 megapixels in a file, Io.
void exportGrid(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file, const GridOptions& options = {});

/// What a grid would be: the size of its largest file, and how many there are.
struct GridSize {
    int width = 0, height = 0, files = 1;
    bool operator==(const GridSize&) const = default;
};
/// throws: as exportGrid.
GridSize gridSize(const store::StoreReader& reader, const run::RunId& id, const GridOptions& options);

/// A cell of a sheet: an image, or none where the words say why.
struct SheetCell {
    run::RunId run;
    std::optional<store::SampleRow> image;
    std::array<std::string, 2> words;  ///< below it
};
/// Images in rows and columns.
struct Sheet {
    std::string title;
    std::vector<std::string> rows = {}, columns = {};  ///< headers
    std::vector<SheetCell> cells = {};                 ///< row by row, rows times columns
};
/// Writes images of any runs with a header for each row and column; options' epoch and columns are without effect. PNG carries run, epoch, prompt, noise and reward
/// of each image as a text entry. throws: Config (as exportGrid, or no image), Format, Io.
void exportSheet(const Sheet& sheet, const std::filesystem::path& file, const GridOptions& options = {});
GridSize sheetSize(const Sheet& sheet, const GridOptions& options);

/// Draws a figure as .pdf, .svg or .png, with axis titles, legend and what smoothing and bands are; what has another unit gets an axis of its own.
/// throws: Config (a spec that is not valid, another extension, or no readable room for all), Store (no such run, or nothing to draw), Io.
void exportFigure(const store::StoreReader& reader, const figure::FigureSpec& spec, const std::filesystem::path& file);
/// The same as the bytes of a PNG `widthPixels` wide, whatever the spec's dots per inch: to be looked at before it is written.
std::string figurePreview(const store::StoreReader& reader, figure::FigureSpec spec, int widthPixels);
/// The same as the bytes of an SVG document, of panels that figure::readPanels has given: a page that holds several figures may name their lines in its own
/// words. throws: Config as exportFigure.
std::string figureSvg(const figure::FigureSpec& spec, std::vector<figure::Panel> panels);
/// Writes the numbers of a figure as series,x,raw,smoothed,low,high,runs: the points inside the extract's x range; seconds stay seconds.
/// throws: as exportFigure.
void exportFigureTable(const store::StoreReader& reader, const figure::FigureSpec& spec, const std::filesystem::path& file);
/// Writes every scalar of a run, one row per epoch, all counters as columns, numbers that read back exactly.
void exportCsv(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file);
/// Writes every scalar of a run as an event file of TensorBoard: steps are epochs, tags the names of the measures, times those of the run's clock. TensorBoard reads files with
/// "tfevents" in their name, those of one folder as one run. throws: Store when there is no such run or it has no numbers, Io.
void exportEvents(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file);
/// The same as a file in a folder of the run's own inside `folder`, which `tensorboard --logdir` shows. Returns the file.
std::filesystem::path exportEventsInto(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& folder);

}  // namespace rlcm::report
