#pragma once
// What curves can be drawn against, and how places there and measures are called.
#include <QString>
#include <string>

#include "core/run/counters.h"

namespace rlcm::ui {

/// What can stand on the x axis, in the order of the keys 1..8: any counter of a run.
using XAxis = run::Counter;

double xOf(const run::Counters& counters, XAxis axis);
QString axisTitle(XAxis axis);
QString axisUnit(XAxis axis);  ///< as in "half-life 5 epochs"
bool isTime(XAxis axis);
/// A value on the axis for people: "45", "1.20k", "3 min 05 s".
QString axisValue(XAxis axis, double x);
/// A place on the axis with its unit, exactly: "ep 6", "384 evals", "3 min 05 s".
QString placeText(XAxis axis, double x);
/// The axis in files, and back; `fallback` for a word that is none.
QString axisKey(XAxis axis);
XAxis axisOfKey(const QString& key, XAxis fallback);
/// Readable name of a scalar: "Evaluation reward (mean)"; unknown names come back as they are.
QString scalarTitle(const std::string& name);

}  // namespace rlcm::ui
