#include "ui/view/x_axis.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/run/measures.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Compare", text);
}

}  // namespace

double xOf(const run::Counters& counters, XAxis axis) {
    return run::counterField(axis).value(counters);
}

QString axisTitle(XAxis axis) {
    const std::string_view title = run::counterField(axis).title;
    return QString::fromUtf8(title.data(), static_cast<qsizetype>(title.size()));
}

QString axisUnit(XAxis axis) {
    const std::string_view unit = run::counterField(axis).unit;
    return QString::fromUtf8(unit.data(), static_cast<qsizetype>(unit.size()));
}

bool isTime(XAxis axis) {
    return run::counterField(axis).isSeconds();
}

QString axisValue(XAxis axis, double x) {
    if (isTime(axis)) {
        return formatDuration(x);
    }
    return axis == XAxis::Epoch ? QString::number(std::llround(x)) : formatCount(std::llround(x));
}

QString placeText(XAxis axis, double x) {
    if (isTime(axis)) {
        return formatDuration(x);
    }
    const qlonglong count = std::llround(x);
    return axis == XAxis::Epoch ? tr("ep %1").arg(count) : QStringLiteral("%1 %2").arg(count).arg(axisUnit(axis));
}

QString axisKey(XAxis axis) {
    return QString::fromStdString(std::string(run::counterField(axis).name));
}

XAxis axisOfKey(const QString& key, XAxis fallback) {
    const auto found = std::ranges::find(run::counterFields(), key.toStdString(), &run::CounterField::name);
    return found == run::counterFields().end() ? fallback : found->counter;
}

QString scalarTitle(const std::string& name) {
    return QString::fromStdString(run::measureTitle(name));
}

}  // namespace rlcm::ui
