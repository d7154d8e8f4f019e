// What every page offers to take away of a run.
#include "ui/gallery/export_dialog.h"

namespace rlcm::ui {

ExportSubject::Images runImages(const run::RunId& run, std::int64_t epoch) {
    return {.note = ExportDialog::tr("The evaluation at or before epoch %1, with prompts and rewards inside the PNG").arg(epoch),
            .write =
                [run, epoch](const store::StoreReader& reader, const std::filesystem::path& file, const report::GridOptions& options) {
                    report::GridOptions own = options;
                    own.epoch = epoch;
                    report::exportGrid(reader, run, file, own);
                },
            .size =
                [run, epoch](const store::StoreReader& reader, const report::GridOptions& options) {
                    report::GridOptions own = options;
                    own.epoch = epoch;
                    return report::gridSize(reader, run, own);
                }};
}

ExportSubject::Table runNumbers(const run::RunId& run) {
    return {.note = ExportDialog::tr(
                "Every measure of this run: a row for each epoch, all budgets (images, reward queries, denoiser evaluations, seconds) as columns, and "
                "numbers that read back exactly."),
            .suffix = QStringLiteral("csv"),
            .write = [run](const store::StoreReader& reader, const std::filesystem::path& file) { report::exportCsv(reader, run, file); }};
}

ExportSubject::Table runEvents(const std::vector<run::RunId>& runs) {
    return {
        .note = runs.size() == 1
                    ? ExportDialog::tr("Every measure of this run for TensorBoard, by epoch and time, in a new folder of the folder that you choose.")
                    : ExportDialog::tr("Every measure of these %1 runs for TensorBoard, by epoch and time, each in a new folder of the folder that you choose.")
                          .arg(runs.size()),
        .suffix = QStringLiteral("tfevents"),
        .write =
            [runs](const store::StoreReader& reader, const std::filesystem::path& folder) {
                for (const run::RunId& run : runs) {
                    report::exportEventsInto(reader, run, folder);
                }
            },
        .isFolder = true};
}

}  // namespace rlcm::ui
