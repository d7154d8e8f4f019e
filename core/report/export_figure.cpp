#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/figure/panels.h"
#include "core/image/codec.h"
#include "core/report/figure.h"
#include "core/report/report.h"

namespace rlcm::report {
namespace {

constexpr double kMmPerInch = 25.4;

/// A canvas of the spec's size with the figure on it.
std::string drawn(Canvas::Kind kind, const figure::FigureSpec& spec, std::vector<figure::Panel> panels) {
    const std::string title = spec.title.empty() ? panels.front().title : spec.title;
    Canvas canvas(kind, spec.size.widthMm * kPixelsPerMm, spec.size.heightMm * kPixelsPerMm, spec.size.dpi / 96.0);
    drawFigure(canvas, spec, std::move(panels));
    return kind == Canvas::Kind::Raster ? image::encodePng(canvas.image(), {{"Title", title}}, spec.size.dpi) : canvas.document(title);
}

}  // namespace

std::string figureSvg(const figure::FigureSpec& spec, std::vector<figure::Panel> panels) {
    return drawn(Canvas::Kind::Svg, spec, std::move(panels));
}

std::string figurePreview(const store::StoreReader& reader, figure::FigureSpec spec, int widthPixels) {
    spec.size.dpi = std::max(1, static_cast<int>(std::lround(widthPixels / (spec.size.widthMm / kMmPerInch))));
    return drawn(Canvas::Kind::Raster, spec, figure::readPanels(reader, spec));
}

void exportFigure(const store::StoreReader& reader, const figure::FigureSpec& spec, const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (extension != ".pdf" && extension != ".svg" && extension != ".png") {
        throw Error(ErrorKind::Config, "a figure is written as .pdf, .svg or .png, not \"" + file.string() + "\"");
    }
    const Canvas::Kind kind = extension == ".png" ? Canvas::Kind::Raster : extension == ".pdf" ? Canvas::Kind::Pdf : Canvas::Kind::Svg;
    writeFileAtomically(file, drawn(kind, spec, figure::readPanels(reader, spec)));
}

}  // namespace rlcm::report
