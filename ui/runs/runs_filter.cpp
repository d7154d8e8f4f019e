#include "ui/runs/runs_filter.h"

#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

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
    if (op == QLatin1String("!=")) {
        return value != bound;
    }
    return op == QLatin1String(">=") ? value >= bound : value == bound;
}

const QLatin1String kTag("tag:");

/// The words of a text: parts in quotes are one, and what belongs to a comparison is pulled together.
QStringList wordsOf(const QString& text) {
    static const QRegularExpression spaced(QStringLiteral("\\s*(<=|>=|==|!=|=|<|>)\\s*"));
    QStringList words;
    const QStringList parts = text.split(QLatin1Char('"'));
    for (qsizetype i = 0; i < parts.size(); ++i) {
        if (i % 2 == 1) {
            if (parts[i - 1].endsWith(kTag, Qt::CaseInsensitive)) {
                words.back() += parts[i];
            } else {
                words << QLatin1Char('"') + parts[i];  // marked, so that it is taken as it stands
            }
        } else {
            words << QString(parts[i]).replace(spaced, QStringLiteral("\\1")).split(QLatin1Char(' '), Qt::SkipEmptyParts);
        }
    }
    return words;
}

/// "1.35", "-1,35", "1e-3"; nothing for "1.2.3" and the like.
std::optional<double> readNumber(QString text) {
    bool isNumber = false;
    text.replace(QChar(0x2212), QLatin1Char('-'));
    const double value = QLocale::c().toDouble(
        text.count(QLatin1Char(',')) == 1 && !text.contains(QLatin1Char('.')) ? text.replace(QLatin1Char(','), QLatin1Char('.')) : text, &isNumber);
    return isNumber ? std::optional(value) : std::nullopt;
}

bool hasText(const store::RunRow& run, const QString& word) {
    for (const std::string& text : {run.name, std::string(toString(run.method)), run.reward, run.id, std::string(run::toString(run.state)), run.notes}) {
        if (QString::fromStdString(text).contains(word, Qt::CaseInsensitive)) {
            return true;
        }
    }
    return std::ranges::any_of(run.tags, [&](const std::string& tag) { return QString::fromStdString(tag).contains(word, Qt::CaseInsensitive); });
}

/// The whole tag, whatever its case; without one any.
bool hasTag(const store::RunRow& run, const QString& wanted) {
    return std::ranges::any_of(
        run.tags, [&](const std::string& tag) { return wanted.isEmpty() || QString::fromStdString(tag).compare(wanted, Qt::CaseInsensitive) == 0; });
}

}  // namespace

RunsFilter::RunsFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(RunsModel::SortRole);
    setDynamicSortFilter(true);
}

void RunsFilter::setText(const QString& text) {
    static const QRegularExpression comparison(QStringLiteral("^([^<>=!:]*)(<=|>=|==|!=|=|:|<|>)(.*)$"));
    static const QStringList keys{QStringLiteral("h"), QStringLiteral("reward"), QStringLiteral("seed"), QStringLiteral("epoch")};
    m_conditions.clear();
    m_problem.clear();
    for (const QString& word : wordsOf(text)) {
        const bool isQuoted = word.startsWith(QLatin1Char('"'));
        if (word.startsWith(kTag, Qt::CaseInsensitive)) {
            m_conditions.push_back([tag = word.mid(kTag.size())](const store::RunRow& run) { return hasTag(run, tag); });
            continue;
        }
        const QRegularExpressionMatch match = comparison.match(word);
        const QString key = match.captured(1).toLower(), op = match.captured(2);
        const bool isComparison = !isQuoted && match.hasMatch() && (op != QLatin1String(":") || keys.contains(key));
        const std::optional<double> bound = readNumber(match.captured(3));
        if (isComparison && keys.contains(key) && bound) {
            m_conditions.push_back([key, op, bound = *bound](const store::RunRow& run) { return compare(numberOf(run, key), op, bound); });
            continue;
        }
        // A name may hold an equals sign, as those of a sweep do; everything else that looks like a comparison was meant as one.
        if (isComparison && (keys.contains(key) || op != QLatin1String("="))) {
            m_problem = tr("“%1” is not understood and left out. Comparisons are written as H>=4, reward>5.5, seed=1 or epoch!=80.").arg(word);
        } else if (isQuoted || word.compare(QLatin1String("and"), Qt::CaseInsensitive) != 0) {
            m_conditions.push_back([word = isQuoted ? word.mid(1) : word](const store::RunRow& run) { return hasText(run, word); });
        }
    }
    invalidateFilter();
}

void RunsFilter::setKept(const run::RunId& id) {
    m_kept = id;
    invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
    const auto* runs = qobject_cast<const RunsModel*>(sourceModel());
    return runs != nullptr && ((!m_kept.empty() && runs->at(row).id == m_kept) ||
                               std::all_of(m_conditions.begin(), m_conditions.end(), [&](const Condition& condition) { return condition(runs->at(row)); }));
}

}  // namespace rlcm::ui
