#include "ui/widgets/short_names.h"

#include <QRegularExpression>
#include <QSet>
#include <QStringList>

namespace rlcm::ui {

std::vector<QString> shortNames(const std::vector<QString>& names) {
    if (names.size() < 2) {
        return names;
    }
    static const QRegularExpression kEnd(QStringLiteral(" \\([^()]*\\)$"));  // "(3 seeds)" is one word
    std::vector<QStringList> words;
    QSet<QString> shared;
    for (const QString& name : names) {
        const QString end = kEnd.match(name).captured();
        words.push_back(name.chopped(end.size()).split(QLatin1Char(' ')));
        if (!end.isEmpty()) {
            words.back() << end.mid(1);
        }
        const QSet<QString> own(words.back().begin(), words.back().end());
        shared = words.size() == 1 ? own : shared & own;
    }
    std::vector<QString> result;
    QSet<QString> different;
    for (QStringList& kept : words) {
        kept.removeIf([&](const QString& word) { return shared.contains(word); });
        result.push_back(kept.join(QLatin1Char(' ')));
        different.insert(result.back());
    }
    const bool isUseful = !different.contains(QString()) && different.size() == static_cast<qsizetype>(names.size());
    return isUseful ? result : names;
}

}  // namespace rlcm::ui
