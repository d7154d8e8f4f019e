#pragma once
// The only place that includes QCustomPlot. Its header needs Qt's keyword macros, which this project switches
// off.
#include <QtGlobal>

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define foreach(variable, container) for (variable : container)
#include <qcustomplot.h>
#undef signals
#undef slots
#undef foreach
