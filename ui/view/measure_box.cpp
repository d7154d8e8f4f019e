#include "ui/view/measure_box.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <algorithm>
#include <utility>

#include "core/run/measures.h"
#include "ui/view/x_axis.h"

namespace rlcm::ui {

namespace {

enum class MeasureGroup { Reward, Evaluation, Training, Time };

MeasureGroup measureGroupOf(const std::string& name) {
    const run::Measure* known = run::findMeasure(name);
    if (known == nullptr) {
        return MeasureGroup::Training;
    }
    return known->unit == run::kRewardUnit                  ? MeasureGroup::Reward
           : known->at == run::MeasuredAt::Evaluation       ? MeasureGroup::Evaluation
           : name.starts_with(run::measure::kSecondsPrefix) ? MeasureGroup::Time
                                                            : MeasureGroup::Training;
}

std::vector<std::string> sortedMeasures(std::vector<std::string> names) {
    std::erase(names, run::measure::kEvalImages);
    const auto rank = [](const std::string& name) { return name == run::measure::kEvalRewardMean ? 0 : name == run::measure::kRewardMean ? 1 : 2; };
    std::ranges::stable_sort(names, {}, [&rank](const std::string& name) { return std::pair(measureGroupOf(name), rank(name)); });
    return names;
}

}  // namespace

void addMeasures(QComboBox& box, const std::vector<std::string>& names, const std::function<QVariant(const QString&)>& data) {
    const std::vector<std::string> sorted = sortedMeasures(names);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const bool isOtherGroup = i == 0 ? box.count() > 0 : measureGroupOf(sorted[i]) != measureGroupOf(sorted[i - 1]);
        if (isOtherGroup) {
            box.insertSeparator(box.count());
        }
        box.addItem(scalarTitle(sorted[i]), data(QString::fromStdString(sorted[i])));
    }
}

void showMeasures(QComboBox& box, const std::vector<std::string>& names, const std::string& chosen) {
    std::vector<std::string> all = names;
    if (std::ranges::find(all, chosen) == all.end()) {
        all.push_back(chosen);
    }
    QStringList wanted, present;
    for (const std::string& name : sortedMeasures(all)) {
        wanted << QString::fromStdString(name);
    }
    for (int i = 0; i < box.count(); ++i) {
        present << box.itemData(i).toString();
    }
    present.removeAll(QString());  // lines between groups
    const QSignalBlocker quiet(&box);
    if (wanted != present) {
        box.clear();
        addMeasures(box, all, [](const QString& name) { return QVariant(name); });
    }
    box.setCurrentIndex(box.findData(QString::fromStdString(chosen)));
}

}  // namespace rlcm::ui
