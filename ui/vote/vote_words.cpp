#include "ui/vote/vote_words.h"

#include <QObject>

namespace rlcm::ui {
namespace {

QString percent(double share) {
    return QString::number(share * 100, 'f', 0);
}

QString rangeText(const figure::Interval& interval) {
    return QObject::tr("%1 to %2 %").arg(percent(interval.low), percent(interval.high));
}

}  // namespace

QString shareText(const figure::VoteTally& tally) {
    return tally.share ? QObject::tr("%1 %").arg(percent(*tally.share)) : QStringLiteral("–");
}

QString intervalText(const figure::VoteTally& tally) {
    return tally.share ? rangeText(tally.interval) : QStringLiteral("–");
}

QString verdict(const figure::VoteSummary& summary) {
    if (!summary.share) {
        return summary.ties > 0 ? QObject::tr("Every vote is a tie: nothing is decided.") : QObject::tr("There are no votes.");
    }
    QString text = QObject::tr("A was better in %1 of the pairs that are no ties; 95 % Wilson interval %2, if votes are independent.")
                       .arg(shareText(summary), rangeText(summary.interval));
    if (summary.overPrompts) {
        text += QLatin1Char(' ') + QObject::tr("Over the %1 prompts: %2.").arg(summary.prompts).arg(rangeText(*summary.overPrompts));
    }
    const auto isApart = [](const figure::Interval& interval) { return interval.low > 0.5 || interval.high < 0.5; };
    const bool isShown = isApart(summary.interval) && (!summary.overPrompts || isApart(*summary.overPrompts));
    return text + QStringLiteral("\n\n") +
           (!isShown               ? QObject::tr("Chance explains this: it is not shown that one is better.")
            : *summary.share > 0.5 ? QObject::tr("A is better by more than chance explains.")
                                   : QObject::tr("B is better by more than chance explains."));
}

}  // namespace rlcm::ui
