#include "core/report/sheet.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/image/resize.h"
#include "core/report/canvas.h"
#include "core/report/style.h"

namespace rlcm::report {
namespace {

using image::Rgb8Image;

/// All lengths in pixels.
struct Layout {
    int columns = 1, rows = 1;
    int side = 1;  ///< of the largest image
    int cell = 1;  ///< side of that image in the grid
    int labelHeight = 0, titleHeight = 0, gap = 0;
    int rowHeader = 0, columnHeader = 0;  ///< width, height
    double fontSize = 12;
    int width() const { return gap + rowHeader + columns * (cell + gap); }
    int height() const { return titleHeight + columnHeader + gap + rows * (cell + labelHeight + gap); }
    int left(int column) const { return gap + rowHeader + column * (cell + gap); }
    int top(int row) const { return titleHeight + columnHeader + gap + row * (cell + labelHeight + gap); }
};

/// Pixels of small images stay sharp; large ones have the size asked for.
int cellSide(int side, int wanted) {
    constexpr int kLarge = 256;
    return side >= kLarge || side > wanted ? wanted : side * (wanted / side);
}

/// As wide as the longest header of a row, within reason.
int rowHeaderWidth(const Sheet& sheet, const Layout& layout) {
    Canvas canvas(Canvas::Kind::Raster, 1, 1);
    canvas.setFont(layout.fontSize);
    double width = 0;
    for (const std::string& row : sheet.rows) {
        width = std::max(width, canvas.textWidth(row.substr(0, 64)));
    }
    return static_cast<int>(std::ceil(std::min(width, 2.0 * layout.cell))) + layout.gap;
}

Layout makeLayout(const Sheet& sheet, int columns, const GridOptions& options) {
    if (options.cellPixels < 1) {
        throw Error(ErrorKind::Config, "the cell size must be at least 1 pixel, not " + std::to_string(options.cellPixels));
    }
    Layout layout;
    for (const SheetCell& cell : sheet.cells) {
        layout.side = cell.image ? std::max({layout.side, cell.image->width, cell.image->height}) : layout.side;
    }
    const auto count = static_cast<int>(sheet.cells.size());
    layout.columns = std::min(columns, count);
    layout.rows = (count + layout.columns - 1) / layout.columns;
    layout.cell = cellSide(layout.side, options.cellPixels);
    layout.gap = std::max(0, options.gapPixels);
    layout.fontSize = std::clamp(layout.cell / 15.0, 9.0, 22.0);
    if (options.hasLabels) {
        layout.labelHeight = static_cast<int>(std::lround(layout.fontSize * 2.7));
        layout.titleHeight = static_cast<int>(std::lround(layout.fontSize * 2.4));
        layout.rowHeader = sheet.rows.empty() ? 0 : rowHeaderWidth(sheet, layout);
        layout.columnHeader = sheet.columns.empty() ? 0 : static_cast<int>(std::lround(layout.fontSize * 1.8));
    }
    return layout;
}

std::int64_t pixelsOf(const Layout& layout) {
    return std::int64_t{1} * layout.width() * layout.height();
}

/// The rows from one on, with their headers.
Sheet rowsOf(const Sheet& sheet, int columns, int first, int count) {
    Sheet part{.title = sheet.title, .columns = sheet.columns};
    const auto begin = std::size_t(first) * std::size_t(columns), end = std::min(sheet.cells.size(), begin + std::size_t(count) * std::size_t(columns));
    part.cells.assign(sheet.cells.begin() + static_cast<std::ptrdiff_t>(begin), sheet.cells.begin() + static_cast<std::ptrdiff_t>(end));
    for (int row = first; row < first + count && row < static_cast<int>(sheet.rows.size()); ++row) {
        part.rows.push_back(sheet.rows[static_cast<std::size_t>(row)]);
    }
    return part;
}

/// How many rows a file holds. throws: Config when that is not all of them and it must be, or none.
int rowsPerFile(const Layout& layout, const GridOptions& options) {
    Layout part = layout;
    if (options.mayTile) {
        while (part.rows > 1 && pixelsOf(part) > options.mostPixels) {
            --part.rows;
        }
    }
    if (const std::int64_t pixels = pixelsOf(part); pixels > options.mostPixels) {
        throw Error(ErrorKind::Config, std::string(options.mayTile ? "one row of the grid" : "the grid") + " would have " + std::to_string(pixels / 1'000'000) +
                                           " megapixels; the limit is " + std::to_string(options.mostPixels / 1'000'000) + ". Choose a smaller cell size.");
    }
    return part.rows;
}

/// "grid-2.png" of "grid.png".
std::filesystem::path numbered(const std::filesystem::path& file, int number) {
    return file.parent_path() / (file.stem().string() + "-" + std::to_string(number) + file.extension().string());
}

void paste(Rgb8Image& target, const Rgb8Image& source, int left, int top) {
    const auto stride = static_cast<std::size_t>(target.width) * 3, bytes = static_cast<std::size_t>(source.width) * 3;
    for (int y = 0; y < source.height; ++y) {
        std::copy_n(source.pixels.data() + static_cast<std::size_t>(y) * bytes, bytes,
                    target.pixels.data() + static_cast<std::size_t>(top + y) * stride + static_cast<std::size_t>(left) * 3);
    }
}

Rgb8Image enlarged(const Rgb8Image& source, int factor) {
    Rgb8Image result{source.width * factor, source.height * factor, {}};
    result.pixels.reserve(static_cast<std::size_t>(result.width) * static_cast<std::size_t>(result.height) * 3);
    for (int y = 0; y < result.height; ++y) {
        for (int x = 0; x < result.width; ++x) {
            const std::size_t at = (static_cast<std::size_t>(y / factor) * static_cast<std::size_t>(source.width) + static_cast<std::size_t>(x / factor)) * 3;
            result.pixels.insert(result.pixels.end(), {source.pixels[at], source.pixels[at + 1], source.pixels[at + 2]});
        }
    }
    return result;
}

/// All images of a grid are brought to its size by the same factor.
Rgb8Image fitted(const Rgb8Image& source, const Layout& layout) {
    if (layout.cell % layout.side == 0) {
        return layout.cell == layout.side ? source : enlarged(source, layout.cell / layout.side);
    }
    const double scale = static_cast<double>(layout.cell) / layout.side;
    const auto length = [scale](int pixels) { return std::max(1, static_cast<int>(std::lround(pixels * scale))); };
    return image::resizeBicubic(source, length(source.width), length(source.height));
}

/// White with one line of words in it.
Rgb8Image drawLine(const std::string& words, int width, int height, double fontSize, bool isBold) {
    width = std::clamp(width, 1, 32767);
    Canvas canvas(Canvas::Kind::Raster, width, height);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, width, height);
    canvas.setFont(fontSize, isBold);
    canvas.setColour(kInk);
    canvas.drawText(canvas.elided(words, width), 0, fontSize * 1.48);
    return canvas.image();
}

Rgb8Image drawLabel(const SheetCell& cell, const Layout& layout) {
    Canvas canvas(Canvas::Kind::Raster, layout.cell, layout.labelHeight);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, layout.cell, layout.labelHeight);
    canvas.setFont(layout.fontSize);
    canvas.setColour(kInk);
    canvas.drawText(canvas.elided(cell.words[0], layout.cell), 0, layout.fontSize * 1.15);
    canvas.setColour(kSoftInk);
    canvas.drawText(canvas.elided(cell.words[1], layout.cell), 0, layout.fontSize * 2.35);
    return canvas.image();
}

void drawHeaders(Rgb8Image& picture, const Sheet& sheet, const Layout& layout) {
    const int titleHeight = layout.titleHeight;
    paste(picture, drawLine(sheet.title, layout.width() - layout.gap, titleHeight, layout.fontSize * 1.15, true), layout.gap, 0);
    for (int column = 0; column < static_cast<int>(sheet.columns.size()) && column < layout.columns; ++column) {
        const std::string& words = sheet.columns[static_cast<std::size_t>(column)];
        paste(picture, drawLine(words, layout.cell, layout.columnHeader, layout.fontSize, false), layout.left(column), titleHeight + layout.gap / 2);
    }
    for (int row = 0; row < static_cast<int>(sheet.rows.size()) && row < layout.rows; ++row) {
        const std::string& words = sheet.rows[static_cast<std::size_t>(row)];
        const int height = static_cast<int>(std::lround(layout.fontSize * 1.8));
        paste(picture, drawLine(words, layout.rowHeader, std::min(height, layout.cell), layout.fontSize, false), layout.gap,
              layout.top(row) + std::max(0, (layout.cell - height) / 2));
    }
}

std::string lowerExtension(const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return extension;
}

TextEntries entriesOf(const Sheet& sheet) {
    Json cells = Json::array();
    for (const SheetCell& cell : sheet.cells) {
        Json one{{"run", cell.run}};
        if (cell.image) {
            one.update({{"epoch", cell.image->epoch},
                        {"index", cell.image->index},
                        {"prompt", cell.image->prompt},
                        {"held_out", cell.image->isHeldOut},
                        {"noise_seed", cell.image->noiseSeed},
                        {"reward", cell.image->reward}});
        }
        cells.push_back(std::move(one));
    }
    const auto written = [](const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); };
    return {{"Software", "rlcm-workbench"},
            {"rlcm:title", sheet.title},
            {"rlcm:rows", written(sheet.rows)},
            {"rlcm:columns", written(sheet.columns)},
            {"rlcm:cells", written(cells)}};
}

void drawCell(Rgb8Image& picture, const SheetCell& cell, const Layout& layout, int place) {
    const int left = layout.left(place % layout.columns), top = layout.top(place / layout.columns);
    if (cell.image) {
        const Rgb8Image one = image::decodePng(readFile(cell.image->file));
        if (one.width > layout.side || one.height > layout.side) {
            throw Error(ErrorKind::Format, cell.image->file.string() + " is larger than the store says");
        }
        paste(picture, fitted(one, layout), left, top);
    }
    if (layout.labelHeight > 0) {
        paste(picture, drawLabel(cell, layout), left, top + layout.cell);
    }
}

Rgb8Image drawSheet(const Sheet& sheet, const Layout& layout, const GridOptions& options) {
    Rgb8Image picture{layout.width(), layout.height(), {}};
    const std::size_t pixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    const std::size_t headPixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(layout.titleHeight + layout.columnHeader);
    picture.pixels.assign(headPixels * 3, 255);
    picture.pixels.resize(pixels * 3);
    for (std::size_t i = headPixels; i < pixels; ++i) {
        std::ranges::copy(options.gapColour, picture.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i));
    }
    if (options.hasLabels) {
        drawHeaders(picture, sheet, layout);
    }
    for (int i = 0; i < static_cast<int>(sheet.cells.size()); ++i) {
        drawCell(picture, sheet.cells[static_cast<std::size_t>(i)], layout, i);
    }
    return picture;
}

}  // namespace

void writeSheet(const Sheet& sheet, int columns, const std::filesystem::path& file, const GridOptions& options,
                const std::function<TextEntries(const Sheet&)>& text) {
    const std::string extension = lowerExtension(file);
    const bool isJpeg = extension == ".jpg" || extension == ".jpeg";
    if (!isJpeg && extension != ".png") {
        throw Error(ErrorKind::Config, "a grid is written as .png or .jpg, not \"" + file.string() + "\"");
    }
    if (options.jpegQuality < 1 || options.jpegQuality > 100) {
        throw Error(ErrorKind::Config, "the JPEG quality must be 1 to 100, not " + std::to_string(options.jpegQuality));
    }
    const Layout whole = makeLayout(sheet, columns, options);
    const int perFile = rowsPerFile(whole, options);
    for (int first = 0; first < whole.rows; first += perFile) {
        const bool isAll = perFile >= whole.rows;
        const Sheet part = isAll ? sheet : rowsOf(sheet, whole.columns, first, perFile);
        Layout layout = whole;
        layout.rows = std::min(perFile, whole.rows - first);
        const Rgb8Image picture = drawSheet(part, layout, options);
        writeFileAtomically(isAll ? file : numbered(file, first / perFile + 1),
                            isJpeg ? image::encodeJpeg(picture, options.jpegQuality, image::Chroma::Yuv444) : image::encodePng(picture, text(part)));
    }
}

GridSize sizeOf(const Sheet& sheet, int columns, const GridOptions& options) {
    Layout layout = makeLayout(sheet, columns, options);
    const int rows = layout.rows;
    layout.rows = rowsPerFile(layout, options);
    return {layout.width(), layout.height(), (rows + layout.rows - 1) / layout.rows};
}

namespace {

int columnsOf(const Sheet& sheet) {
    if (sheet.cells.empty() || sheet.cells.size() != sheet.rows.size() * sheet.columns.size()) {
        throw Error(ErrorKind::Config, "a sheet of " + std::to_string(sheet.rows.size()) + " rows and " + std::to_string(sheet.columns.size()) +
                                           " columns cannot be drawn from " + std::to_string(sheet.cells.size()) + " cells");
    }
    return static_cast<int>(sheet.columns.size());
}

}  // namespace

void exportSheet(const Sheet& sheet, const std::filesystem::path& file, const GridOptions& options) {
    writeSheet(sheet, columnsOf(sheet), file, options, entriesOf);
}

GridSize sheetSize(const Sheet& sheet, const GridOptions& options) {
    return sizeOf(sheet, columnsOf(sheet), options);
}

}  // namespace rlcm::report
