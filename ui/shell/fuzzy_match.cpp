#include "ui/shell/fuzzy_match.h"

#include <QStringList>
#include <algorithm>
#include <limits>
#include <vector>

namespace rlcm::ui {
namespace {

constexpr double kLetter = 1, kFollowing = 4, kWordStart = 3, kPerLength = 0.01;
constexpr double kNone = -std::numeric_limits<double>::infinity();

bool isWordStart(const QString& text, qsizetype at) {
    return text[at].isLetterOrNumber() && (at == 0 || !text[at - 1].isLetterOrNumber());
}

/// The best of all ways to find the word's letters: `ending[i]` is the best one whose last letter stands at i.
double wordScore(const QString& word, const QString& text) {
    std::vector<double> ending(static_cast<std::size_t>(text.size()), kNone);
    for (qsizetype letter = 0; letter < word.size(); ++letter) {
        std::vector<double> next(ending.size(), kNone);
        double before = letter == 0 ? 0 : kNone;  // the best that ends anywhere earlier
        for (qsizetype at = 0; at < text.size(); ++at) {
            const double adjoining = letter > 0 && at > 0 ? ending[static_cast<std::size_t>(at - 1)] + kFollowing : kNone;
            if (text[at] == word[letter]) {
                next[static_cast<std::size_t>(at)] = std::max(before, adjoining) + kLetter + (isWordStart(text, at) ? kWordStart : 0);
            }
            before = letter == 0 ? 0 : std::max(before, ending[static_cast<std::size_t>(at)]);
        }
        ending = std::move(next);
    }
    return ending.empty() ? kNone : *std::ranges::max_element(ending);
}

}  // namespace

std::optional<double> fuzzyScore(const QString& typed, const QString& text) {
    const QString lower = text.toLower();
    double score = -kPerLength * static_cast<double>(text.size());
    for (const QString& word : typed.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        score += wordScore(word, lower);
    }
    return score == kNone ? std::nullopt : std::optional(score);
}

}  // namespace rlcm::ui
