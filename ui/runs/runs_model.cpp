#include "ui/runs/runs_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/short_names.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

namespace {

QString tagsText(const store::RunRow& run) {
    QStringList tags;
    for (const std::string& tag : run.tags) {
        tags << QString::fromStdString(tag);
    }
    return tags.join(QStringLiteral(", "));
}

bool isNumber(int column) {
    return column == RunsModel::LastReward || column == RunsModel::BestReward;
}

double sortable(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? *value : -std::numeric_limits<double>::infinity();
}

std::unordered_set<run::RunId> idsOf(const std::vector<store::RunRow>& runs) {
    std::unordered_set<run::RunId> ids;
    for (const store::RunRow& run : runs) {
        ids.insert(run.id);
    }
    return ids;
}

}  // namespace

void RunsModel::setRuns(std::vector<store::RunRow> runs) {
    if (merge(std::move(runs))) {
        nameBriefly();
    }
}

void RunsModel::nameBriefly() {
    std::vector<QString> names;
    for (const store::RunRow& run : m_runs) {
        names.push_back(oneLine(run.name));
    }
    names = shortNames(names);
    if (std::exchange(m_briefNames, names) != names) {
        Q_EMIT dataChanged(index(0, Name), index(rowCount() - 1, Name), {BriefNameRole});
    }
}

bool RunsModel::merge(std::vector<store::RunRow> runs) {
    const auto wanted = idsOf(runs);
    bool hasNewNames = false;
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (!wanted.contains(at(row).id)) {
            hasNewNames = true;
            beginRemoveRows({}, row, row);
            m_runs.erase(m_runs.begin() + row);
            endRemoveRows();
        }
    }
    // What is left must be a subsequence of the new rows; should the order itself have changed, start afresh.
    const auto kept = idsOf(m_runs);
    std::size_t next = 0;
    for (const store::RunRow& run : runs) {
        if (kept.contains(run.id) && m_runs[next++].id != run.id) {
            beginResetModel();
            m_runs = std::move(runs);
            endResetModel();
            return true;
        }
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const int row = static_cast<int>(i);
        if (i >= m_runs.size() || m_runs[i].id != runs[i].id) {
            // All new ones that follow each other at once: thousands one by one take a second.
            const auto first = runs.begin() + row, last = std::find_if(first, runs.end(), [&kept](const store::RunRow& run) { return kept.contains(run.id); });
            hasNewNames = true;
            beginInsertRows({}, row, row + static_cast<int>(last - first) - 1);
            m_runs.insert(m_runs.begin() + row, std::move_iterator(first), std::move_iterator(last));
            endInsertRows();
            i += static_cast<std::size_t>(last - first) - 1;
        } else if (m_runs[i] != runs[i]) {
            hasNewNames = hasNewNames || m_runs[i].name != runs[i].name;
            m_runs[i] = std::move(runs[i]);
            Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1));
        }
    }
    return hasNewNames;
}

void RunsModel::setLive(const run::RunId& id, run::RunState state, double epochs) {
    const run::RunId before = m_liveRun;
    m_liveRun = id;
    m_liveState = state;
    m_liveEpochs = epochs;
    for (const run::RunId& touched : {before, id}) {
        if (const int row = rowOf(touched); row >= 0) {
            Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1));
        }
    }
}

void RunsModel::setMarks(const std::vector<run::RunId>& pinned, const run::RunId& baseline) {
    std::unordered_set<run::RunId> all(pinned.begin(), pinned.end());
    if (all != m_pinned || baseline != m_baseline) {
        m_pinned = std::move(all);
        m_baseline = baseline;
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
    }
}

const store::RunRow* RunsModel::find(const run::RunId& id) const {
    const int row = rowOf(id);
    return row < 0 ? nullptr : &at(row);
}

int RunsModel::rowOf(const run::RunId& id) const {
    const auto found = std::find_if(m_runs.begin(), m_runs.end(), [&](const store::RunRow& run) { return run.id == id; });
    return found == m_runs.end() ? -1 : static_cast<int>(found - m_runs.begin());
}

int RunsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}
int RunsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::AccessibleTextRole) {
        return {};
    }
    switch (section) {
        case Visible:
            return role == Qt::DisplayRole ? QString() : tr("Drawn in charts");
        case Name:
            return role == Qt::ToolTipRole ? runColourKey() : tr("Run");
        case State:
            return m_hasStateIcons && role == Qt::DisplayRole ? QString() : tr("State");
        case LastReward:
            return role == Qt::ToolTipRole ? tr("Newest mean reward: of the evaluation set, else of training") : tr("Reward");
        case BestReward:
            return role == Qt::ToolTipRole ? tr("Largest mean reward: of the evaluation set, else of training") : tr("Best");
        case Progress:
            return tr("Epochs");
        case Method:
            return tr("Algorithm");
        case Steps:
            return tr("H");
        case Reward:
            return tr("Reward terms");
        default:
            return tr("Tags");
    }
}

void RunsModel::setStateIcons(bool hasIcons) {
    if (std::exchange(m_hasStateIcons, hasIcons) != hasIcons) {
        Q_EMIT headerDataChanged(Qt::Horizontal, State, State);
    }
}

run::RunState RunsModel::shownState(const store::RunRow& run) const {
    if (run.id == m_liveRun) {
        return m_liveState;
    }
    return run.queuePosition > 0 ? run::RunState::Queued : run.state;
}

QString RunsModel::text(const store::RunRow& run, int column) const {
    switch (column) {
        case Name:
            return oneLine(run.name);
        case State:
            return stateText(shownState(run));
        case LastReward:
            return run.lastReward ? formatReward(*run.lastReward) : QStringLiteral("–");
        case BestReward:
            return run.bestReward ? formatReward(*run.bestReward) : QStringLiteral("–");
        case Progress:
            return tr("%1 / %2").arg(run.counters.epoch).arg(run.epochs);
        case Method:
            return QString::fromStdString(std::string(toString(run.method))).toUpper();
        case Steps:
            return QString::number(run.steps);
        case Reward:
            return QString::fromStdString(run.reward);
        case Tags:
            return tagsText(run);
        default:
            return {};
    }
}

QString RunsModel::spokenText(const store::RunRow& run, int column) const {
    if (column == Name) {
        return text(run, column) + (m_pinned.contains(run.id) ? tr(", pinned") : QString()) + (run.id == m_baseline ? tr(", baseline") : QString());
    }
    return column == State && run.alarms > 0 ? text(run, column) + QStringLiteral(", ") + alarmsText(run.alarms) : text(run, column);
}

QVariant RunsModel::sortKey(const store::RunRow& run, int column) const {
    switch (column) {
        case Visible:
            return run.isVisible;
        case State:
            return static_cast<int>(shownState(run));
        case LastReward:
            return sortable(run.lastReward);
        case BestReward:
            return sortable(run.bestReward);
        case Progress:
            return run.epochs > 0 ? static_cast<double>(run.counters.epoch) / static_cast<double>(run.epochs) : 0.0;
        case Steps:
            return static_cast<qlonglong>(run.steps);
        default:
            return text(run, column).toLower();
    }
}

QString RunsModel::toolTip(const store::RunRow& run, int column) const {
    if (column == Visible) {
        return run.isVisible ? tr("Drawn in charts; click to hide") : tr("Hidden in charts; click to draw");
    }
    if (column == State && (!run.error.empty() || run.alarms > 0)) {
        QStringList lines{QString::fromStdString(run.error), alarmsText(run.alarms)};
        lines.removeAll(QString());
        return lines.join(QLatin1Char('\n'));
    }
    if (column == LastReward && run.lastReward && run.firstReward) {
        return tr("%1 since the start").arg(formatDelta(*run.lastReward - *run.firstReward));
    }
    QStringList lines{tr("%1\n%2, horizon %3, %4, seed %5\n%6 images, %7 reward queries")
                          .arg(text(run, Name), text(run, Method))
                          .arg(run.steps)
                          .arg(text(run, Reward))
                          .arg(run.seed)
                          .arg(formatCount(run.counters.images), formatCount(run.counters.rewardQueries)),
                      run.tags.empty() ? QString() : tr("Tags: %1").arg(tagsText(run)), QString::fromStdString(run.notes)};
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const store::RunRow& run = at(index.row());
    const bool isLiveHere = run.id == m_liveRun;
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
            return text(run, index.column());
        case Qt::CheckStateRole:
            return index.column() == Visible ? QVariant(run.isVisible ? Qt::Checked : Qt::Unchecked) : QVariant();
        case Qt::ToolTipRole:
            return plainToolTip(toolTip(run, index.column()));
        case Qt::AccessibleTextRole:
            return index.column() == Visible ? (run.isVisible ? tr("drawn") : tr("hidden")) : spokenText(run, index.column());
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(Qt::Alignment(isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        case SortRole:
            return sortKey(run, index.column());
        case StateRole:
            return static_cast<int>(shownState(run));
        case ColourRole:
            return run.colour;
        case AlarmsRole:
            return static_cast<qlonglong>(run.alarms);
        case NewAlarmsRole:
            return static_cast<qlonglong>(run.newAlarms);
        case PinnedRole:
            return m_pinned.contains(run.id);
        case BaselineRole:
            return run.id == m_baseline;
        case BriefNameRole: {
            const auto row = static_cast<std::size_t>(index.row());
            return row < m_briefNames.size() ? m_briefNames[row] : text(run, Name);  // while rows come in
        }
        case FractionRole: {
            const double done = isLiveHere ? std::max(m_liveEpochs, static_cast<double>(run.counters.epoch)) : static_cast<double>(run.counters.epoch);
            return run.epochs > 0 ? std::clamp(done / static_cast<double>(run.epochs), 0.0, 1.0) : 0.0;
        }
        default:
            return {};
    }
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.column() == Name) {
        flags |= Qt::ItemIsEditable;
    } else if (index.column() == Visible) {
        flags |= Qt::ItemIsUserCheckable;
    }
    return flags;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return false;
    }
    store::RunRow& run = m_runs[static_cast<std::size_t>(index.row())];
    if (index.column() == Visible && role == Qt::CheckStateRole) {
        run.isVisible = value.toInt() == Qt::Checked;
        Q_EMIT dataChanged(index, index);
        Q_EMIT visibilityChanged(run.id, run.isVisible);
        return true;
    }
    const QString name = value.toString().trimmed();
    if (index.column() != Name || role != Qt::EditRole || name.isEmpty() || name == oneLine(run.name)) {
        return false;
    }
    const QString before = QString::fromStdString(std::exchange(run.name, name.toStdString()));
    Q_EMIT dataChanged(index, index);
    nameBriefly();
    Q_EMIT renamed(run.id, before, name);
    return true;
}

}  // namespace rlcm::ui
