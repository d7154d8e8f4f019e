// "At 640 reward queries (RLCM H4), of 4 values of “learning rate” tried with 12 runs 0.003 looks better than the next best, 0.001, ..."
#include "core/base/number_text.h"
#include "core/run/measures.h"
#include "core/study/sentence_parts.h"

namespace rlcm::study {
namespace {

/// How one speaks of the first place: by the measure's better direction, else by size.
struct Words {
    std::string first = "best", better = "better", next = "next best";
};
Words wordsOf(const Answer& answer) {
    const run::Measure* known = run::findMeasure(answer.asked.measure);
    return known != nullptr && known->better != run::Better::Neither ? Words{} : Words{"highest", "higher", "next"};
}

std::string runsText(int runs) {
    return std::to_string(runs) + (runs == 1 ? " run" : " runs");
}

std::string intervalText(const std::optional<figure::Interval>& interval, const Answer& answer, std::string (*number)(double)) {
    return interval ? ", " + percentText(answer.confidence) + " % percentile interval " + number(interval->low) + " to " + number(interval->high) : "";
}

std::string plainNumber(double value) {
    return valueText(value);
}

/// "-1.52 kB, 99.5 % percentile interval -1.60 to -1.43, 3 runs".
std::string meanText(const TriedValue& value, const Answer& answer, const std::string& unit) {
    return valueText(value.mean) + (unit.empty() ? "" : " " + unit) + intervalText(value.interval, answer, plainNumber) + ", " + runsText(value.runs);
}

/// "of 4 values of “learning rate” tried with 12 runs ".
std::string triedText(const Answer& answer) {
    int runs = 0;
    for (const TriedValue& value : answer.tried) {
        runs += value.runs;
    }
    return "of " + std::to_string(answer.tried.size()) + " values of \u201C" + answer.asked.axis + "\u201D tried with " + runsText(runs) + ' ';
}

/// "0.001 and 0.003".
std::string alikeText(const Answer& answer) {
    std::string text = answer.tried.front().name;
    for (int i = 1; i < answer.alike; ++i) {
        text += (i + 1 == answer.alike ? " and " : ", ") + answer.tried[static_cast<std::size_t>(i)].name;
    }
    return text;
}

/// What is claimed, without its numbers.
std::string claimOf(const Answer& answer) {
    const auto [first, better, next] = wordsOf(answer);
    const std::string& x = answer.asked.x;
    const std::string rival = "the " + next + ", " + answer.asked.y;
    if (answer.alike > 1) {
        return alikeText(answer) + " come out alike, so none of them is " + first;
    }
    const std::string opening = x + " comes out " + first + ", ";
    switch (answer.verdict) {
        case Verdict::Shown:
            return x + " is " + better + " than " + rival;
        case Verdict::Few:
            return x + " looks " + better + " than " + rival + ", but over too few seeds to be shown";
        case Verdict::NotShown: {
            const bool isZeroInside = answer.interval && answer.interval->low <= 0 && answer.interval->high >= 0;
            return opening + "but that it is " + better + " than " + rival + ", is not shown, " +
                   (isZeroInside ? "the interval holds 0" : "the seeds that both have say the opposite");
        }
        case Verdict::NoInterval:
            return opening + "but before " + rival + ", " +
                   (answer.pairs == 1 ? "only by one seed that both have, so no interval can be given and nothing is shown"
                                      : "without a seed that both have, so they cannot be compared");
        case Verdict::NoValue:
            break;
    }
    return {};
}

/// The mean of the best, of the next, and what lies between them.
std::string numbersText(const Answer& answer, const std::string& unit) {
    const std::string pairs = std::to_string(answer.pairs) + (answer.pairs == 1 ? " pair of seeds" : " pairs of seeds");
    std::string text = measureText(answer.asked) + ' ' + meanText(answer.tried[0], answer, unit) + ", against " + meanText(answer.tried[1], answer, unit);
    if (answer.pairs > 0) {
        text +=
            "; difference " + signedText(answer.effect) + (unit.empty() ? "" : " " + unit) + intervalText(answer.interval, answer, signedText) + ", " + pairs;
    }
    return text;
}

/// Where the first place lies at an end of what was tried, and what is not known beyond it.
std::string endText(const Answer& answer) {
    if (answer.end == RangeEnd::None) {
        return {};
    }
    const bool isHighest = answer.end == RangeEnd::Highest;
    const std::string place =
        ' ' + (answer.alike > 1 ? "One of them" : answer.asked.x) + " lies at the " + std::string(isHighest ? "upper" : "lower") + " end of what ";
    return place + (answer.isEndOpen
                        ? std::string("was tried: try a ") + (isHighest ? "higher" : "lower") + " one."
                        : std::string("has a value there: nothing is known of the ") + (isHighest ? "higher" : "lower") + " ones that were tried.");
}

/// " Without a value there: 0.01 in 3 of 3 runs (2 failed)."
std::string missingText(const Answer& answer) {
    std::string text;
    for (const TriedValue& value : answer.tried) {
        if (value.missing > 0) {
            text += (text.empty() ? " Without a value there: " : ", ") + value.name + " in " + std::to_string(value.missing) + " of " +
                    runsText(value.runs + value.missing) + (value.failed > 0 ? " (" + std::to_string(value.failed) + " failed)" : "");
        }
    }
    return text.empty() ? "" : text + '.';
}

/// Without a run that has a value: "no answer yet", and how many failed.
std::string nothingText(const Answer& answer) {
    int failed = 0;
    for (const TriedValue& value : answer.tried) {
        failed += value.failed;
    }
    return "no answer yet for \u201C" + answer.asked.axis + "\u201D: none of its " + std::to_string(answer.tried.size()) + " values has a run with a " +
           measureText(answer.asked) + " there" + (failed > 0 ? "; " + runsText(failed) + " failed" : "") + '.';
}

}  // namespace

std::string bestSentence(const Answer& answer, const std::string& task, const std::string& unit) {
    const std::string place = "At " + placeText(answer) + task + ", ";
    if (answer.verdict == Verdict::NoValue) {
        return place + nothingText(answer);
    }
    if (answer.asked.y.empty()) {
        return place + triedText(answer) + "only " + answer.asked.x + " has a value there, so nothing can be compared: " + measureText(answer.asked) + ' ' +
               meanText(answer.tried.front(), answer, unit) + '.' + missingText(answer);
    }
    return place + triedText(answer) + claimOf(answer) + ": " + numbersText(answer, unit) + '.' + endText(answer) + missingText(answer);
}

}  // namespace rlcm::study
