#include "ui/runs/runs_filter.h"

#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/runs/runs_model.h"

namespace rlcm::ui {

namespace {

double numberOf(const store::RunRow& run, const QString& key) {
    if (key == QLatin1String("h")) {
        return static_cast<double>(run.steps);
    }
    if (key == QLatin1String("seed")) {
        return static_cast<double>(run.seed);
    }
    if (key == QLatin1String("epoch")) {
        return static_cast<double>(run.counters.epoch);
    }
    return run.lastReward.value_or(std::numeric_limits<double>::quiet_NaN());
}

bool compare(double value, const QString& op, double bound) {
    if (op == QLatin1String("<")) {
        return value < bound;
    }
    if (op == QLatin1String(">")) {
        return value > bound;
    }
    if (op == QLatin1String("<=")) {
        return value <= bound;
    }
    return op == QLatin1String(">=") ? value >= bound : value == bound;
}

bool hasText(const store::RunRow& run, const QString& word) {
    for (const std::string& text : {run.name, run.method, run.reward, run.id, std::string(run::toString(run.state))}) {
        if (QString::fromStdString(text).contains(word, Qt::CaseInsensitive)) {
            return true;
        }
    }
    return false;
}

}  // namespace

RunsFilter::RunsFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(RunsModel::SortRole);
    setDynamicSortFilter(true);
}

void RunsFilter::setText(const QString& text) {
    static const QRegularExpression numeric(QStringLiteral("^(h|reward|seed|epoch)(<=|>=|=|:|<|>)(-?[0-9.]+(?:e-?[0-9]+)?)$"),
                                            QRegularExpression::CaseInsensitiveOption);
    m_conditions.clear();
    for (const QString& word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const QRegularExpressionMatch match = numeric.match(word);
        if (match.hasMatch()) {
            m_conditions.push_back([key = match.captured(1).toLower(), op = match.captured(2), bound = match.captured(3).toDouble()](
                                       const store::RunRow& run) { return compare(numberOf(run, key), op, bound); });
        } else {
            m_conditions.push_back([word](const store::RunRow& run) { return hasText(run, word); });
        }
    }
    invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
    const auto* runs = qobject_cast<const RunsModel*>(sourceModel());
    return runs != nullptr && std::all_of(m_conditions.begin(), m_conditions.end(), [&](const Condition& condition) { return condition(runs->at(row)); });
}

}  // namespace rlcm::ui
