#pragma once
#include <QProgressBar>

#include "ui/theme/theme.h"

namespace rlcm::ui {

/// A thin line that moves while something is under way whose end nobody knows. Hidden at first; it keeps its room, so that a dialog does not jump.
inline QProgressBar* makeBusyBar(QWidget* parent = nullptr) {
    auto* bar = new QProgressBar(parent);
    bar->setRange(0, 0);
    bar->setTextVisible(false);
    bar->setFixedHeight(spacing::kTiny);
    QSizePolicy keep = bar->sizePolicy();
    keep.setRetainSizeWhenHidden(true);
    bar->setSizePolicy(keep);
    bar->hide();
    return bar;
}

}  // namespace rlcm::ui
