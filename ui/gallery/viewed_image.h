#pragma once
#include <QCoreApplication>
#include <QString>
#include <cstdint>
#include <optional>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// An evaluation image with what is known of it, wherever it is shown.
struct ViewedImage {
    QString file = {};     ///< empty: none
    QString absence = {};  ///< why there is no file; empty: none yet
    QString run = {}, prompt = {};
    QString place = {};  ///< "ep 40 (asked 45)"
    std::uint64_t noiseSeed = 0;
    bool isHeldOut = false;
    bool isFallback = false;  ///< not from the place asked for
    std::optional<double> reward = {};
    std::optional<double> judge = {};  ///< accuracy of the judge over the evaluation that it is of
    QString judgeModel = {};           ///< CLIP model that judges its run; empty: none
    bool operator==(const ViewedImage&) const = default;
};

/// CLIP model that judges the evaluation images of a run; empty: none.
QString judgeModelOf(const store::RunRow& run);

/// What the store knows of an image of a run with this name. The judge is of a whole evaluation.
inline ViewedImage viewedSample(const store::SampleRow& sample, const QString& run, std::optional<double> judge, const QString& judgeModel) {
    return {.file = QString::fromStdString(sample.file.string()),
            .run = run,
            .prompt = QString::fromStdString(sample.prompt),
            .place = QCoreApplication::translate("Gallery", "ep %1").arg(sample.epoch),
            .noiseSeed = sample.noiseSeed,
            .isHeldOut = sample.isHeldOut,
            .reward = sample.reward,
            .judge = judge,
            .judgeModel = judgeModel};
}

}  // namespace rlcm::ui
