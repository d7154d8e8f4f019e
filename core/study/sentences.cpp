#include "core/study/sentences.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "core/base/number_text.h"
#include "core/run/counters.h"
#include "core/run/measures.h"
#include "core/study/sentence_parts.h"
#include "core/study/words.h"

namespace rlcm::study {
namespace {

constexpr double kRounding = 1e-14;  // a mean of differences that cancel

std::string countText(const Answer& answer) {
    const std::string what =
        answer.asked.ask == Ask::Change ? (answer.pairs == 1 ? " run" : " runs") : (answer.pairs == 1 ? " pair of seeds" : " pairs of seeds");
    return std::to_string(answer.pairs) + what + (answer.missing > 0 ? ", " + std::to_string(answer.missing) + " without a value there" : "");
}

/// "+0.31 kB, 99 % percentile interval +0.20 to +0.43, 5 pairs of seeds".
std::string numbersText(const Answer& answer, const std::string& unit) {
    std::string text = signedText(answer.effect) + (unit.empty() ? "" : " " + unit);
    if (answer.interval) {
        text +=
            ", " + percentText(answer.confidence) + " % percentile interval " + signedText(answer.interval->low) + " to " + signedText(answer.interval->high);
    }
    return text + ", " + countText(answer);
}

/// How the first side stands to the second: by the measure's better direction, else by size.
std::string relation(const Answer& answer) {
    const run::Measure* known = run::findMeasure(answer.asked.measure);
    const run::Better better = known == nullptr ? run::Better::Neither : known->better;
    if (better == run::Better::Neither) {
        return answer.effect > 0 ? "higher" : "lower";
    }
    return (answer.effect > 0) == (better == run::Better::Higher) ? "better" : "worse";
}

/// What is claimed, without its numbers.
std::string claimOf(const Answer& answer) {
    const bool isChange = answer.asked.ask == Ask::Change;
    const std::string x = isChange ? answer.task : answer.asked.x, y = isChange ? "before training" : answer.asked.y;
    const std::string what = x + " against " + y;
    switch (answer.verdict) {
        case Verdict::Shown:
            return x + " is " + relation(answer) + " than " + y;
        case Verdict::Few:
            return x + " looks " + relation(answer) + " than " + y + ", but over too few seeds to be shown";
        case Verdict::NotShown:
            return what + ": a difference is not shown, the interval holds 0";
        case Verdict::NoInterval:
            return what + ": one seed, so no interval can be given and nothing is shown";
        case Verdict::NoValue:
            return what + ": no answer yet";
    }
    return {};
}

/// Of a cost: whether the first side takes less, without the numbers.
std::string costClaim(const Answer& answer) {
    const std::string less = answer.effect > 1 ? "less" : "more";
    switch (answer.verdict) {
        case Verdict::Shown:
            return answer.asked.x + " takes " + less + " to come there";
        case Verdict::Few:
            return answer.asked.x + " seems to take " + less + ", but over too few seeds to be shown";
        case Verdict::NotShown:
            return "that " + answer.asked.x + " takes less or more to come there is not shown, the interval holds 1";
        case Verdict::NoInterval:
            return answer.asked.x + ": one seed, so no interval can be given and nothing is shown";
        case Verdict::NoValue:
            return "no answer: there is no pair of runs with a value there, or " + answer.asked.x + " begins there";
    }
    return {};
}

/// "The evaluation reward (mean) that DDPO 20 has at 640 reward queries: RLCM H4 takes less to come there: 3.2 times, ..."
std::string costSentence(const Answer& answer, const std::string& task) {
    const std::string place = std::isfinite(answer.budget) ? budgetText(answer.counter, answer.budget) : "the end";
    std::string text = "The " + measureText(answer.asked) + " that " + answer.asked.y + " has at " + place + task + ": " + costClaim(answer);
    if (answer.verdict != Verdict::NoValue) {
        text += "; median " + valueText(answer.effect) + " times less (0: never)";
        text += answer.interval ? ", " + percentText(answer.confidence) + " % percentile interval " + valueText(answer.interval->low) + " to " +
                                      valueText(answer.interval->high)
                                : "";
        text += ", " + countText(answer);
    }
    return text + ".";
}

}  // namespace

std::string signedText(double value) {
    return std::abs(value) < kRounding ? "0" : (value > 0 ? "+" : "") + valueText(value);
}

std::string percentText(double share) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", 100 * share);
    return text.data();
}

std::string measureText(const Asked& asked) {
    const std::string title = run::measureTitle(asked.measure);
    const std::string gain = asked.isGain ? "gain in " : "", best = asked.isJudgeControlled ? "best " : "";
    return gain + best + lowerFirst(title) + (asked.isJudgeControlled ? " while the judge still recognises the images" : "");
}

std::string placeText(const Answer& answer) {
    return std::isfinite(answer.budget) ? budgetText(answer.counter, answer.budget) : lowerFirst(run::counterField(answer.counter).title);
}

std::string sentenceOf(const Answer& answer, const run::RunConfig& config) {
    const bool hasTask = answer.asked.ask != Ask::Change && !answer.task.empty();
    const std::string task = hasTask ? " (" + answer.task + ")" : "";
    if (answer.asked.ask == Ask::Cost) {
        return costSentence(answer, task);
    }
    if (answer.asked.ask == Ask::Best) {
        return bestSentence(answer, task, unitOf(answer.asked.measure, config));
    }
    if (answer.verdict == Verdict::NoValue) {
        return "At " + placeText(answer) + task + " " + claimOf(answer) + ": no pair of runs has a " + measureText(answer.asked) + " there.";
    }
    std::string text = "At " + budgetText(answer.counter, answer.budget) + task + " " + claimOf(answer) + ": " + measureText(answer.asked) + " " +
                       numbersText(answer, unitOf(answer.asked.measure, config));
    if (answer.verdict == Verdict::Few) {
        text += "; such even signs come by chance in " + percentText(answer.signTest) + " of 100 cases";
    } else if (answer.verdict == Verdict::Shown) {
        text += ", sign test p = " + valueText(answer.signTest);
    }
    return text + ".";
}

}  // namespace rlcm::study
