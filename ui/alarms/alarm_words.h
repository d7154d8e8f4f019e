#pragma once
// Alarms for people.
#include <QString>

#include "core/store/workspace.h"
#include "ui/charts/chart_widget.h"

namespace rlcm::ui {

/// "Reward hacking at epoch 48".
QString alarmTitle(const run::AlertRaised& alert);
/// "Judge accuracy 0.88 → 0.25".
QString alarmValues(const run::AlertRaised& alert);
/// Both, in one line: "Reward hacking at epoch 48 · Judge accuracy 0.88 → 0.25"; a value before that is no number is left out.
QString alarmLine(const run::AlertRaised& alert);
/// A stored event in one line: as alarmLine, or "Learning rate 0.001 → 0.0005 from epoch 5 on".
QString eventLine(const store::EventRow& row);
/// Epochs finished when it happened.
int epochOf(const store::EventRow& row);
/// It as a mark at `x`; `where` stands before the text, as the name of the run.
ChartMark markOf(const store::EventRow& row, double x, const QString& where = {});

}  // namespace rlcm::ui
