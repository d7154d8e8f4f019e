#pragma once
// A choice of measures in groups: rewards, what else an evaluation finds, training, times.
#include <QString>
#include <functional>
#include <string>
#include <vector>

class QComboBox;
class QVariant;

namespace rlcm::ui {

/// Adds them with their titles, a line between groups; `data` makes what an entry holds of a name. The evaluation reward comes first, how many images an evaluation has is left out.
void addMeasures(QComboBox& box, const std::vector<std::string>& names, const std::function<QVariant(const QString&)>& data);
/// Fills a box whose entries hold the names, unless it shows these already (its list may be open right now), and chooses `chosen`, which need not be among them. No signal.
void showMeasures(QComboBox& box, const std::vector<std::string>& names, const std::string& chosen);

}  // namespace rlcm::ui
