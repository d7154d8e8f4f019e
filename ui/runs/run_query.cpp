#include "ui/runs/run_query.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/run/field_table.h"

namespace rlcm::ui {
namespace {

const QLatin1String kTag("tag:");

QString tr(const char* text) {
    return QCoreApplication::translate("RunsFilter", text);
}

bool isWord(const QString& word, const char* wanted) {
    return word.compare(QLatin1String(wanted), Qt::CaseInsensitive) == 0;
}

double numberOf(const store::RunRow& run, const QString& key) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    return key == QLatin1String("h")       ? static_cast<double>(run.steps)
           : key == QLatin1String("seed")  ? static_cast<double>(run.seed)
           : key == QLatin1String("epoch") ? static_cast<double>(run.counters.epoch)
           : key == QLatin1String("best")  ? run.bestReward.value_or(kNone)
                                           : run.lastReward.value_or(kNone);
}

bool holds(double value, const QString& op, double bound) {
    if (std::isnan(value)) {
        return false;
    }
    return op == QLatin1String("<")    ? value < bound
           : op == QLatin1String(">")  ? value > bound
           : op == QLatin1String("<=") ? value <= bound
           : op == QLatin1String(">=") ? value >= bound
           : op == QLatin1String("!=") ? value != bound
                                       : value == bound;
}

bool holds(const QString& text, const QString& op, const QString& wanted) {
    if (op == QLatin1String(":")) {
        return text.contains(wanted, Qt::CaseInsensitive);
    }
    return (text.compare(wanted, Qt::CaseInsensitive) == 0) == (op != QLatin1String("!="));
}

bool isOrder(const QString& op) {
    return op.startsWith(QLatin1Char('<')) || op.startsWith(QLatin1Char('>'));
}

/// "1.35", "-1,35", "1e-3"; nothing for "1.2.3" and the like.
std::optional<double> readNumber(QString text) {
    bool isNumber = false;
    text.replace(QChar(0x2212), QLatin1Char('-'));
    const double value = QLocale::c().toDouble(
        text.count(QLatin1Char(',')) == 1 && !text.contains(QLatin1Char('.')) ? text.replace(QLatin1Char(','), QLatin1Char('.')) : text, &isNumber);
    return isNumber ? std::optional(value) : std::nullopt;
}

/// The parts of a text. What is in quotes or between slashes is one, marked by its first sign; what belongs to a comparison is pulled together.
QStringList partsOf(const QString& text) {
    static const QRegularExpression marked(QStringLiteral("(?:^|(?<=\\s))/(?<expression>(?:[^/]|/(?!\\s|$))+)/(?=\\s|$)|\"(?<words>[^\"]*)\"?"));
    static const QRegularExpression spaced(QStringLiteral("\\s*(<=|>=|==|!=|=|<|>)\\s*"));
    QStringList parts;
    qsizetype done = 0;
    const auto addPlain = [&](const QString& plain) {
        parts << QString(plain)
                     .replace(QLatin1Char('|'), QLatin1String(" or "))
                     .replace(spaced, QStringLiteral("\\1"))
                     .split(QLatin1Char(' '), Qt::SkipEmptyParts);
    };
    for (auto found = marked.globalMatch(text); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        const QString before = text.mid(done, match.capturedStart() - done);
        addPlain(before);
        if (match.capturedView(0).startsWith(QLatin1Char('/'))) {
            parts << QLatin1Char('/') + match.captured(QStringLiteral("expression"));
        } else if (before.endsWith(kTag, Qt::CaseInsensitive)) {
            parts.back() += match.captured(QStringLiteral("words"));
        } else {
            parts << QLatin1Char('"') + match.captured(QStringLiteral("words"));
        }
        done = match.capturedEnd();
    }
    addPlain(text.mid(done));
    return parts;
}

bool hasText(const store::RunRow& run, const QString& word) {
    for (const std::string& text : {run.name, std::string(toString(run.method)), run.reward, run.id, std::string(run::toString(run.state)), run.notes}) {
        if (QString::fromStdString(text).contains(word, Qt::CaseInsensitive)) {
            return true;
        }
    }
    return std::ranges::any_of(run.tags, [&](const std::string& tag) { return QString::fromStdString(tag).contains(word, Qt::CaseInsensitive); });
}

/// The whole tag; without one any.
bool hasTag(const store::RunRow& run, const QString& wanted) {
    return std::ranges::any_of(
        run.tags, [&](const std::string& tag) { return wanted.isEmpty() || QString::fromStdString(tag).compare(wanted, Qt::CaseInsensitive) == 0; });
}

/// Paths of the settings with this path or this last word.
std::vector<std::string> settingsNamed(const QString& key) {
    std::vector<std::string> paths;
    for (const run::Field& field : run::fieldTable()) {
        const QString path = QString::fromStdString(field.path);
        if (path == key || path.section(QLatin1Char('.'), -1) == key) {
            paths.push_back(field.path);
        }
    }
    return paths;
}

}  // namespace

RunQuery::RunQuery(const QString& text, const std::shared_ptr<SettingTexts>& settings) {
    std::vector<Condition> group;
    const auto endGroup = [&] {
        if (!group.empty()) {
            m_groups.push_back(std::exchange(group, {}));
        }
    };
    bool isTurned = false;
    for (const QString& part : partsOf(text)) {
        if (isWord(part, "or")) {
            endGroup();
        } else if (isWord(part, "not")) {
            isTurned = !isTurned;
        } else if (Condition condition = isWord(part, "and") ? Condition() : conditionOf(part, settings)) {
            group.push_back(isTurned ? [condition](const store::RunRow& run) { return !condition(run); } : condition);
            isTurned = false;
        }
    }
    endGroup();
}

/// None where it is not understood.
RunQuery::Condition RunQuery::conditionOf(const QString& word, const std::shared_ptr<SettingTexts>& settings) {
    static const QRegularExpression comparison(QStringLiteral("^([^<>=!:]*)(<=|>=|==|!=|=|:|<|>)(.*)$"));
    static const QStringList numbers{QStringLiteral("h"), QStringLiteral("reward"), QStringLiteral("best"), QStringLiteral("seed"), QStringLiteral("epoch")};
    static const QStringList texts{QStringLiteral("algo"), QStringLiteral("state")};
    if (word.startsWith(QLatin1Char('"'))) {
        return [own = word.mid(1)](const store::RunRow& run) { return hasText(run, own); };
    }
    if (word.startsWith(kTag, Qt::CaseInsensitive)) {
        return [tag = word.mid(kTag.size())](const store::RunRow& run) { return hasTag(run, tag); };
    }
    if (word.startsWith(QLatin1Char('/')) && word.size() > 1) {
        const QRegularExpression expression(word.mid(1), QRegularExpression::CaseInsensitiveOption);
        if (!expression.isValid()) {
            m_problem = tr("“%1” is no regular expression and left out: %2. An example is /H[48] .*s[012]$/.").arg(word.mid(1), expression.errorString());
            return {};
        }
        return [expression](const store::RunRow& run) { return expression.match(QString::fromStdString(run.name)).hasMatch(); };
    }
    const QRegularExpressionMatch match = comparison.match(word);
    const QString key = match.captured(1).toLower(), op = match.captured(2), value = match.captured(3);
    const std::optional<double> bound = readNumber(value);
    const std::vector<std::string> paths = match.hasMatch() && !numbers.contains(key) && !texts.contains(key) ? settingsNamed(key) : std::vector<std::string>();
    if (numbers.contains(key) && bound) {
        return [key, op, bound = *bound](const store::RunRow& run) { return holds(numberOf(run, key), op, bound); };
    }
    if (texts.contains(key) && !value.isEmpty() && !isOrder(op)) {
        return [isState = key == QLatin1String("state"), op, value](const store::RunRow& run) {
            const std::string_view own = isState ? run::toString(run.state) : toString(run.method);
            return holds(QString::fromLatin1(own.data(), static_cast<qsizetype>(own.size())), op, value);
        };
    }
    if (!paths.empty() && !value.isEmpty() && (bound || !isOrder(op))) {
        return [paths, op, value, bound, settings](const store::RunRow& run) {
            return std::ranges::any_of(paths, [&](const std::string& path) {
                const QString own = QString::fromStdString(settings->text(run, path));
                const std::optional<double> number = bound ? readNumber(own) : std::nullopt;
                return number ? holds(*number, op, *bound) : !own.isEmpty() && !isOrder(op) && holds(own, op, value);
            });
        };
    }
    // A name may hold an equals sign or a colon; everything else that looks like a comparison was meant as one.
    if (numbers.contains(key) || texts.contains(key) || !paths.empty() || (match.hasMatch() && op != QLatin1String("=") && op != QLatin1String(":"))) {
        m_problem = tr("“%1” is not understood and left out. Comparisons are written as H>=4, reward>5.5, seed=1, epoch!=80, algo:ddpo or learning_rate<1e-3.")
                        .arg(word);
        return {};
    }
    return [word](const store::RunRow& run) { return hasText(run, word); };
}

bool RunQuery::accepts(const store::RunRow& run) const {
    return m_groups.empty() || std::ranges::any_of(m_groups, [&](const auto& group) {
               return std::ranges::all_of(group, [&](const Condition& condition) { return condition(run); });
           });
}

}  // namespace rlcm::ui
