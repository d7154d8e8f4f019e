#pragma once
// Words for people about models.
#include <QObject>
#include <QString>

#include "core/run/model_library.h"
#include "ui/theme/icons.h"

namespace rlcm::ui {

inline QString kindText(run::ModelKind kind) {
    switch (kind) {
        case run::ModelKind::Consistency:
            return QObject::tr("Consistency model");
        case run::ModelKind::Diffusion:
            return QObject::tr("Diffusion model");
        case run::ModelKind::ClipScorer:
            return QObject::tr("CLIP scorer");
        case run::ModelKind::ScoreHead:
            return QObject::tr("Score head");
        case run::ModelKind::Unknown:
            break;
    }
    return QObject::tr("Not a known model");
}

/// "Consistency model · SD 1.5 · 512 px", or "Diffusion model · 2 problems"; a shape without a name is left out.
inline QString summaryText(const run::ModelFacts& facts) {
    QString text = kindText(facts.kind);
    if (!facts.problems.empty()) {
        return text + (facts.problems.size() == 1 ? QObject::tr(" · 1 problem") : QObject::tr(" · %1 problems").arg(facts.problems.size()));
    }
    if (!facts.shape.empty() && facts.shape != "other") {
        text += QStringLiteral(" · ") + QString::fromStdString(facts.shape);
    }
    if (facts.resolution > 0) {
        text += QObject::tr(" · %1 px").arg(facts.resolution);
    }
    return text;
}

}  // namespace rlcm::ui
