#include "ui/gallery/image_origin.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/image/png_text.h"

namespace rlcm::ui {
namespace {

/// One image as a file tells of it.
struct Told {
    run::RunId run;
    std::int64_t epoch = 0;
    std::uint64_t noiseSeed = 0;
    double reward = 0;  ///< NaN: not said
    std::string prompt;
};

std::string translated(const char* text, const QString& file) {
    return QCoreApplication::translate("Gallery", text).arg(file.section(QLatin1Char('/'), -1)).toStdString();
}

std::optional<Told> toldBy(const Json& cell, run::RunId run, std::int64_t epoch) {
    if (!cell.contains("noise_seed")) {
        return std::nullopt;  // a place without an image
    }
    return Told{.run = cell.value("run", std::move(run)),
                .epoch = cell.value("epoch", epoch),
                .noiseSeed = cell.at("noise_seed").get<std::uint64_t>(),
                .reward = cell.at("reward").is_number() ? cell.at("reward").get<double>() : std::numeric_limits<double>::quiet_NaN(),
                .prompt = cell.at("prompt").get<std::string>()};
}

/// Ids of runs are the workspace's own: another one may have the same with other images.
bool isThere(const Told& told, const store::StoreReader& reader) {
    if (!reader.run(told.run)) {
        return false;
    }
    const std::vector<store::SampleRow> samples = reader.samples(told.run, told.epoch);
    return std::ranges::any_of(samples, [&](const store::SampleRow& one) {
        return one.noiseSeed == told.noiseSeed && one.prompt == told.prompt && (std::isnan(told.reward) || one.reward == told.reward);
    });
}

/// One of the workspace's own files carries nothing, but its place says all.
std::optional<ImageOrigin> ownImage(const std::filesystem::path& file, const store::StoreReader& reader) {
    for (const store::RunRow& run : reader.runs()) {
        for (const std::int64_t epoch : file.string().starts_with(reader.workspace().string()) ? reader.sampleEpochs(run.id) : std::vector<std::int64_t>()) {
            if (std::ranges::any_of(reader.samples(run.id, epoch), [&](const store::SampleRow& one) { return one.file == file; })) {
                return ImageOrigin{.run = run.id, .epoch = epoch};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

ImageOrigin originOf(const QString& file, const store::StoreReader& reader) {
    const std::map<std::string, std::string> text = image::pngText(readFile(file.toStdString()));
    const auto entry = [&text](const char* key) { return text.contains(key) ? text.at(key) : std::string(); };
    const std::string samples = entry("rlcm:samples"), cells = entry("rlcm:cells");
    const bool isGrid = samples.empty();
    if (isGrid && cells.empty()) {
        if (const auto own = ownImage(std::filesystem::absolute(file.toStdString()), reader)) {
            return *own;
        }
        throw Error(ErrorKind::Format, translated("%1 does not say where it comes from: only PNG files of images that were exported here do.", file));
    }
    try {
        const std::string epoch = entry("rlcm:epoch");
        for (const Json& cell : parseJson(isGrid ? cells : samples, file.toStdString())) {
            if (const auto told = toldBy(cell, entry("rlcm:run"), epoch.empty() ? 0 : std::stoll(epoch))) {
                if (!isThere(*told, reader)) {
                    break;
                }
                return {.run = told->run, .epoch = told->epoch, .isGrid = isGrid};
            }
        }
    } catch (const std::logic_error&) {  // of a number
        throw Error(ErrorKind::Format, translated("what %1 says of itself is damaged", file));
    } catch (const Json::exception&) {
        throw Error(ErrorKind::Format, translated("what %1 says of itself is damaged", file));
    }
    throw Error(ErrorKind::Store, translated("The images of %1 are not in this workspace. Open the one that they were exported from.", file));
}

}  // namespace rlcm::ui
