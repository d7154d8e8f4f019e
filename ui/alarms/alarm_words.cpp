#include "ui/alarms/alarm_words.h"

#include <QCoreApplication>
#include <cmath>

#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Alarm", text);
}

/// "Reward hacking", from the setting of the rule; a rule of another version by its name.
QString ruleTitle(const run::AlertRaised& alert) {
    // "Alarm: reward hacking"
    const QString title = QString::fromStdString(run::fieldLabel("health." + alert.rule)).section(QStringLiteral(": "), -1).remove(QStringLiteral("health."));
    return title.left(1).toUpper() + title.mid(1);
}

}  // namespace

QString alarmTitle(const run::AlertRaised& alert) {
    return tr("%1 at epoch %2").arg(ruleTitle(alert)).arg(alert.epoch);
}

QString alarmValues(const run::AlertRaised& alert) {
    const QString measure = QString::fromStdString(run::measureTitle(alert.measure)), after = formatReward(alert.after);
    return std::isfinite(alert.before) ? tr("%1 %2 → %3").arg(measure, formatReward(alert.before), after) : tr("%1: %2").arg(measure, after);
}

QString alarmLine(const run::AlertRaised& alert) {
    return alarmTitle(alert) + QStringLiteral(" · ") + alarmValues(alert);
}

QString eventLine(const store::EventRow& row) {
    if (const auto* alert = std::get_if<run::AlertRaised>(&row.event)) {
        return alarmLine(*alert);
    }
    const auto& edit = std::get<run::SettingEdited>(row.event);
    const QString setting = QString::fromStdString(run::fieldLabel(edit.path));
    return tr("%1 %2 → %3 from epoch %4 on").arg(setting, QString::fromStdString(edit.before), QString::fromStdString(edit.after)).arg(edit.epoch + 1);
}

int epochOf(const store::EventRow& row) {
    const auto* alert = std::get_if<run::AlertRaised>(&row.event);
    return static_cast<int>(alert != nullptr ? alert->epoch : std::get<run::SettingEdited>(row.event).epoch);
}

ChartMark markOf(const store::EventRow& row, double x, const QString& where) {
    const bool isAlarm = std::holds_alternative<run::AlertRaised>(row.event);
    return {.x = x, .text = where + eventLine(row), .kind = isAlarm ? ChartMark::Kind::Alarm : ChartMark::Kind::Edit};
}

}  // namespace rlcm::ui
