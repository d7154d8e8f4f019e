// The images of the page of horizons, and its files.
#include <algorithm>

#include "core/base/files.h"
#include "ui/charts/scatter_chart.h"
#include "ui/compare/image_row.h"
#include "ui/horizons/horizons_page_impl.h"

namespace rlcm::ui {
namespace {

QString wordsOf(const std::string& value) {
    return QString::fromStdString(value);
}

void fillCell(ImageCell& cell, const std::vector<RunImages>& all, const std::string& run, std::int64_t epoch, const ImageKey& key) {
    const auto loaded = std::find_if(all.begin(), all.end(), [&](const RunImages& one) { return one.runId == run && one.epoch == epoch; });
    if (loaded == all.end()) {
        return;
    }
    for (const store::SampleRow& sample : loaded->samples) {
        if (imageKeyOf(sample) == key) {
            cell.file = wordsOf(sample.file.string());
            cell.prompt = wordsOf(sample.prompt);
            cell.reward = sample.reward;
            cell.noiseSeed = sample.noiseSeed;
            cell.isHeldOut = sample.isHeldOut;
            cell.judge = loaded->judge;
            return;
        }
    }
    if (!loaded->samples.empty()) {
        cell.absence = HorizonsPage::tr("not in its set from this noise");
    }
}

}  // namespace

// --- images
// ---------------------------------------------------------------------------------------------------------

std::vector<const figure::HorizonRow*> HorizonsPage::Impl::pictured() const {
    std::vector<const figure::HorizonRow*> pinned, all;
    for (const figure::HorizonRow& one : rows) {
        all.push_back(&one);
        if (std::find(view.pinned.begin(), view.pinned.end(), one.group.id) != view.pinned.end()) {
            pinned.push_back(&one);
        }
    }
    return pinned.empty() ? all : pinned;
}

const RunCurve* HorizonsPage::Impl::exampleOf(const figure::HorizonGroup& group) const {
    const auto far = std::find_if(group.curves.begin(), group.curves.end(), [this](const figure::Curve& curve) { return curve.x.back() >= budget(); });
    const run::RunId& id = group.runs[far == group.curves.end() ? 0 : static_cast<std::size_t>(far - group.curves.begin())];
    const auto run = std::find_if(data().runs.begin(), data().runs.end(), [&](const RunCurve& one) { return one.run.id == id; });
    return run == data().runs.end() ? nullptr : &*run;
}

void HorizonsPage::Impl::askForImages() {
    if (!self->isVisible()) {
        return;
    }
    std::vector<std::pair<std::string, std::int64_t>> places;
    for (const figure::HorizonRow* one : pictured()) {
        if (const RunCurve* run = exampleOf(one->group)) {
            if (!view.pinned.empty() && !run->sampleEpochs.empty()) {
                places.emplace_back(run->run.id, run->sampleEpochs.front());  // before and after, side by side
            }
            places.emplace_back(run->run.id, imagesAt(*run, view.unit, budget()).epoch);
        }
    }
    if (places == askedImages) {
        showImages();
        return;
    }
    askedImages = places;
    areImagesRead = false;
    loader.loadImages(std::move(places));
}

void HorizonsPage::Impl::showImages() {
    std::vector<const std::vector<store::SampleRow>*> sets;
    for (const RunImages& one : images) {
        sets.push_back(&one.samples);
    }
    const std::vector<ImageKey> keys = imageKeys(sets);
    const ImageKey* key = keys.empty() ? nullptr : &keys[std::min(static_cast<std::size_t>(view.image), keys.size() - 1)];
    std::vector<ImageCell> cells;
    cellGroups.clear();
    const auto add = [&](const figure::HorizonRow& one, const RunCurve& run, std::int64_t epoch, const QString& place) {
        ImageCell cell{.run = shortLabel(one.group), .fullName = wordsOf(run.run.name), .colour = runColour(one.group.colour), .place = place};
        cell.judgeModel = run.judgeModel;
        if (key != nullptr) {
            fillCell(cell, images, run.run.id, epoch, *key);
        }
        cells.push_back(std::move(cell));
        cellGroups.push_back(wordsOf(one.group.id));
    };
    for (const figure::HorizonRow* one : pictured()) {
        const RunCurve* run = exampleOf(one->group);
        if (run == nullptr) {
            continue;
        }
        const ImageChoice choice = imagesAt(*run, view.unit, budget());
        if (!view.pinned.empty() && !run->sampleEpochs.empty() && choice.epoch > run->sampleEpochs.front()) {
            add(*one, *run, run->sampleEpochs.front(), tr("before training"));
        }
        add(*one, *run, choice.epoch, choice.epoch < 0 ? QString() : tr("ep %1").arg(choice.epoch));
    }
    row->setCells(std::move(cells), static_cast<int>(keys.size()), key == nullptr ? QString() : wordsOf(key->prompt));
    const QSignalBlocker quiet(row);
    row->setImageIndex(view.image);
}

// --- files
// -----------------------------------------------------------------------------------------------------------

std::optional<ExportSubject> HorizonsPage::exportSubject() const {
    if (m_impl->rows.empty()) {
        return std::nullopt;
    }
    ExportSubject subject{.name = tr("Horizons")};
    subject.figure =
        ExportSubject::Figure{.note = tr("Reward against the cost of an image at this budget, with intervals and the front."),
                              .draw = [chart = m_impl->chart](const QString& file, const QSizeF& millimetres) { chart->exportTo(file, millimetres); }};
    const QString note = tr("The table at this budget: a row for each group.");
    subject.tables.push_back({.note = note,
                              .suffix = QStringLiteral("csv"),
                              .write = [text = figure::horizonCsv(m_impl->rows)](const store::StoreReader&, const std::filesystem::path& file) {
                                  writeFileAtomically(file, text);
                              }});
    subject.words = ExportSubject::Words{.note = note, .table = figure::horizonTable(m_impl->rows, m_impl->caption())};
    return subject;
}

}  // namespace rlcm::ui
