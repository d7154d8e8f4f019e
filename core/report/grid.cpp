#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/number_text.h"
#include "core/figure/panels.h"
#include "core/image/codec.h"
#include "core/image/resize.h"
#include "core/report/canvas.h"
#include "core/report/report.h"
#include "core/report/style.h"

namespace rlcm::report {
namespace {

using image::Rgb8Image;

constexpr std::int64_t kLargestPixels = 200'000'000;

/// All lengths in pixels.
struct Layout {
    int columns = 1, rows = 1;
    int side = 1;  ///< of the largest image
    int cell = 1;  ///< side of that image in the grid
    int labelHeight = 0, titleHeight = 0, gap = 0;
    double fontSize = 12;
    int width() const { return gap + columns * (cell + gap); }
    int height() const { return titleHeight + gap + rows * (cell + labelHeight + gap); }
};

/// Pixels of small images stay sharp; large ones have the size asked for.
int cellSide(int side, int wanted) {
    constexpr int kLarge = 256;
    return side >= kLarge || side > wanted ? wanted : side * (wanted / side);
}

Layout makeLayout(const GridOptions& options, const std::vector<store::SampleRow>& samples) {
    if (options.cellPixels < 1) {
        throw Error(ErrorKind::Config, "the cell size must be at least 1 pixel, not " + std::to_string(options.cellPixels));
    }
    Layout layout;
    for (const store::SampleRow& sample : samples) {
        layout.side = std::max({layout.side, sample.width, sample.height});
    }
    const auto count = static_cast<int>(samples.size());
    layout.columns = options.columns > 0 ? options.columns : static_cast<int>(std::ceil(std::sqrt(count)));
    layout.columns = std::min(layout.columns, count);
    layout.rows = (count + layout.columns - 1) / layout.columns;
    layout.cell = cellSide(layout.side, options.cellPixels);
    layout.gap = std::max(0, options.gapPixels);
    layout.fontSize = std::clamp(layout.cell / 15.0, 9.0, 22.0);
    if (options.hasLabels) {
        layout.labelHeight = static_cast<int>(std::lround(layout.fontSize * 2.7));
        layout.titleHeight = static_cast<int>(std::lround(layout.fontSize * 2.4));
    }
    const std::int64_t pixels = std::int64_t{1} * layout.width() * layout.height();
    if (pixels > kLargestPixels) {
        throw Error(ErrorKind::Config,
                    "the grid would have " + std::to_string(pixels / 1'000'000) + " megapixels; the limit is 200. Choose a smaller cell size.");
    }
    return layout;
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

Rgb8Image drawLabel(const store::SampleRow& sample, const Layout& layout) {
    Canvas canvas(Canvas::Kind::Raster, layout.cell, layout.labelHeight);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, layout.cell, layout.labelHeight);
    canvas.setFont(layout.fontSize);
    canvas.setColour(kInk);
    canvas.drawText(canvas.elided(sample.prompt, layout.cell), 0, layout.fontSize * 1.15);
    canvas.setColour(kSoftInk);
    const std::string reward = valueText(sample.reward) + (sample.isHeldOut ? "  \u00B7 held out" : "");
    canvas.drawText(canvas.elided(reward, layout.cell), 0, layout.fontSize * 2.35);
    return canvas.image();
}

Rgb8Image drawTitle(const std::string& title, const Layout& layout) {
    const int width = std::min(layout.width() - layout.gap, 32767);
    Canvas canvas(Canvas::Kind::Raster, std::max(1, width), layout.titleHeight);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, width, layout.titleHeight);
    canvas.setFont(layout.fontSize * 1.15, true);
    canvas.setColour(kInk);
    canvas.drawText(canvas.elided(title, width), 0, layout.fontSize * 1.7);
    return canvas.image();
}

std::string titleOf(const store::RunRow& row, const std::vector<store::SampleRow>& samples) {
    double sum = 0;
    for (const store::SampleRow& sample : samples) {
        sum += sample.reward;
    }
    const double mean = sum / static_cast<double>(samples.size());
    return row.name + "   epoch " + std::to_string(samples.front().epoch) + "   mean reward " + valueText(mean);
}

std::vector<std::pair<std::string, std::string>> textEntries(const store::RunRow& row, const std::vector<store::SampleRow>& samples) {
    Json cells = Json::array();
    for (const store::SampleRow& sample : samples) {
        cells.push_back(
            {{"index", sample.index}, {"prompt", sample.prompt}, {"held_out", sample.isHeldOut}, {"noise_seed", sample.noiseSeed}, {"reward", sample.reward}});
    }
    return {{"Software", "rlcm-workbench"},
            {"rlcm:run", row.id},
            {"rlcm:name", row.name},
            {"rlcm:epoch", std::to_string(samples.front().epoch)},
            {"rlcm:samples", cells.dump(-1, ' ', true, Json::error_handler_t::replace)}};
}

std::vector<store::SampleRow> findSamples(const store::StoreReader& reader, const store::RunRow& row, const std::optional<std::int64_t>& wanted) {
    const std::vector<std::int64_t> epochs = reader.sampleEpochs(row.id);
    std::optional<std::int64_t> chosen;
    for (const std::int64_t epoch : epochs) {
        if (!wanted || epoch <= *wanted) {
            chosen = epoch;
        }
    }
    if (!chosen) {
        throw Error(ErrorKind::Store, "the run " + row.id + " (" + row.name + ") has no evaluation images" +
                                          (epochs.empty() ? std::string() : " at or before epoch " + std::to_string(*wanted)));
    }
    return reader.samples(row.id, *chosen);
}

std::string lowerExtension(const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return extension;
}

}  // namespace

void exportGrid(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file, const GridOptions& options) {
    const std::string extension = lowerExtension(file);
    const bool isJpeg = extension == ".jpg" || extension == ".jpeg";
    if (!isJpeg && extension != ".png") {
        throw Error(ErrorKind::Config, "a grid is written as .png or .jpg, not \"" + file.string() + "\"");
    }
    if (options.jpegQuality < 1 || options.jpegQuality > 100) {
        throw Error(ErrorKind::Config, "the JPEG quality must be 1 to 100, not " + std::to_string(options.jpegQuality));
    }
    const store::RunRow row = figure::requireRun(reader, id);
    const std::vector<store::SampleRow> samples = findSamples(reader, row, options.epoch);
    if (samples.empty()) {
        throw Error(ErrorKind::Store, "the evaluation images of run " + row.id + " are missing");
    }
    const Layout layout = makeLayout(options, samples);
    Rgb8Image grid{layout.width(), layout.height(), {}};
    grid.pixels.assign(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height) * 3, 255);
    if (options.hasLabels) {
        paste(grid, drawTitle(titleOf(row, samples), layout), layout.gap, 0);
    }
    for (int i = 0; i < static_cast<int>(samples.size()); ++i) {
        const store::SampleRow& sample = samples[static_cast<std::size_t>(i)];
        const Rgb8Image picture = image::decodePng(readFile(sample.file));
        if (picture.width > layout.side || picture.height > layout.side) {
            throw Error(ErrorKind::Format, sample.file.string() + " is larger than the store says");
        }
        const int left = layout.gap + i % layout.columns * (layout.cell + layout.gap);
        const int top = layout.titleHeight + layout.gap + i / layout.columns * (layout.cell + layout.labelHeight + layout.gap);
        paste(grid, fitted(picture, layout), left, top);
        if (options.hasLabels) {
            paste(grid, drawLabel(sample, layout), left, top + layout.cell);
        }
    }
    writeFileAtomically(file, isJpeg ? image::encodeJpeg(grid, options.jpegQuality, image::Chroma::Yuv444) : image::encodePng(grid, textEntries(row, samples)));
}

}  // namespace rlcm::report
