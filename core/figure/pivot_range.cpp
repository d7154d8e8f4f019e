#include "core/figure/pivot_range.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "core/base/error.h"

namespace rlcm::figure {
namespace {

constexpr std::size_t kMostValues = 100'000;
constexpr std::int64_t kLargest = 1'000'000'000'000;

std::string_view trimmed(std::string_view text) {
    const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && isBlank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && isBlank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

std::string quoted(std::string_view text) {
    return "\u201C" + std::string(text) + "\u201D";
}

std::string wordFor(PivotAxis axis) {
    return axis == PivotAxis::Horizon ? "H" : lower(pivotAxisTitle(axis));
}

/// "2, 4, 8", or the ends of a long list.
std::string listed(const std::vector<std::int64_t>& numbers) {
    constexpr std::size_t kMost = 8;
    std::string text;
    for (std::size_t i = 0; i < numbers.size() && numbers.size() <= kMost; ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(numbers[i]);
    }
    return numbers.size() > kMost ? std::to_string(numbers.front()) + " to " + std::to_string(numbers.back()) : text;
}

std::vector<std::string_view> termsOf(std::string_view text) {
    std::vector<std::string_view> terms;
    bool isQuoted = false;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '"') {
            isQuoted = !isQuoted;
        }
        if (i == text.size() || (text[i] == ',' && !isQuoted)) {
            terms.push_back(trimmed(text.substr(from, i - from)));
            from = i + 1;
        }
    }
    return terms;
}

/// Reads one term from left to right.
struct TermReader {
    std::string_view rest;
    const PivotValues& values;

    bool takes(std::string_view word) {
        rest = trimmed(rest);
        if (lower(rest.substr(0, word.size())) != word) {
            return false;
        }
        rest.remove_prefix(word.size());
        return true;
    }
    std::optional<std::int64_t> number() {
        rest = trimmed(rest);
        std::int64_t value = 0;
        const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        if (problem != std::errc() || value < 0 || value > kLargest) {
            return std::nullopt;
        }
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        return value;
    }
    std::optional<std::int64_t> bound() {
        if (takes("first")) {
            return values.numbers.front();
        }
        return takes("last") ? std::optional(values.numbers.back()) : number();
    }
    bool isAtEnd() { return trimmed(rest).empty(); }
};

struct Span {
    std::int64_t from = 0, to = 0;
    std::optional<std::int64_t> step, count;
};

std::optional<Span> readSpan(std::string_view term, const PivotValues& values) {
    TermReader reader{term, values};
    Span span;
    const auto from = reader.bound();
    if (!from) {
        return std::nullopt;
    }
    span.from = span.to = *from;
    if (reader.isAtEnd()) {
        return span;
    }
    const auto to = reader.takes("-") ? reader.bound() : std::nullopt;
    if (!to) {
        return std::nullopt;
    }
    span.to = *to;
    if (reader.takes("(")) {
        reader.takes("+");
        span.step = reader.number();
        return span.step && reader.takes(")") && reader.isAtEnd() ? std::optional(span) : std::nullopt;
    }
    if (reader.takes("[")) {
        span.count = reader.number();
        return span.count && reader.takes("]") && reader.isAtEnd() ? std::optional(span) : std::nullopt;
    }
    return reader.isAtEnd() ? std::optional(span) : std::nullopt;
}

[[noreturn]] void refuseRange(const std::string& message) {
    throw Error(ErrorKind::Config, message);
}

std::vector<std::int64_t> spread(const std::vector<std::int64_t>& all, std::int64_t count) {
    const auto most = std::min<std::size_t>(all.size(), static_cast<std::size_t>(count));
    std::vector<std::int64_t> chosen;
    for (std::size_t i = 0; i < most; ++i) {
        chosen.push_back(all[most == 1 ? 0 : (i * (all.size() - 1) + (most - 1) / 2) / (most - 1)]);
    }
    return chosen;
}

/// Every step from the lower end; all of them for epochs, which may be asked for without being there.
std::vector<std::int64_t> stepped(const Span& span, const PivotValues& values) {
    const std::int64_t low = std::min(span.from, span.to), high = std::max(span.from, span.to), step = *span.step;
    if (static_cast<std::size_t>((high - low) / step) >= kMostValues) {
        refuseRange("that would be more than 100,000 values; choose a larger step");
    }
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i <= (high - low) / step; ++i) {
        const std::int64_t value = span.from <= span.to ? low + i * step : high - i * step;
        if (values.axis == PivotAxis::Epoch || std::binary_search(values.numbers.begin(), values.numbers.end(), value)) {
            chosen.push_back(value);
        }
    }
    return chosen;
}

std::vector<std::int64_t> valuesIn(const Span& span, const PivotValues& values) {
    if (span.step == 0 || span.count == 0) {
        refuseRange(span.step ? "the step must be 1 or more" : "the number of values must be 1 or more");
    }
    std::vector<std::int64_t> chosen;
    if (span.step) {
        chosen = stepped(span, values);
    } else if (span.from == span.to && values.axis == PivotAxis::Epoch) {
        return {span.from};
    } else {
        const auto [low, high] = std::minmax(span.from, span.to);
        std::copy_if(values.numbers.begin(), values.numbers.end(), std::back_inserter(chosen),
                     [low = low, high = high](std::int64_t value) { return value >= low && value <= high; });
        if (span.from > span.to) {
            std::reverse(chosen.begin(), chosen.end());
        }
        if (span.count) {
            chosen = spread(chosen, *span.count);
        }
    }
    if (chosen.empty()) {
        const std::string asked = span.from == span.to ? std::to_string(span.from) : std::to_string(span.from) + " to " + std::to_string(span.to);
        refuseRange("there is no " + wordFor(values.axis) + " " + asked + "; there " + (values.numbers.size() == 1 ? "is " : "are ") + listed(values.numbers));
    }
    return chosen;
}

std::vector<std::int64_t> named(std::string_view word, const PivotValues& values) {
    std::vector<std::int64_t> chosen;
    const std::string wanted = lower(word);
    for (std::size_t i = 0; i < values.names.size(); ++i) {
        if (lower(values.names[i]).find(wanted) != std::string::npos) {
            chosen.push_back(values.numbers[i]);
        }
    }
    if (chosen.empty()) {
        refuseRange("no " + wordFor(values.axis) + " has " + quoted(word) + " in it");
    }
    return chosen;
}

std::vector<std::int64_t> valuesOf(std::string_view term, const PivotValues& values) {
    if (lower(term) == "all") {
        return values.numbers;
    }
    const bool isQuoted = term.size() > 2 && term.front() == '"' && term.back() == '"';
    if (const auto span = isQuoted ? std::nullopt : readSpan(term, values)) {
        return valuesIn(*span, values);
    }
    if (!values.names.empty()) {
        return named(isQuoted ? term.substr(1, term.size() - 2) : term, values);
    }
    refuseRange(quoted(term) + " is no range: write all, last, 40, 0-80, 0-80 (+20) or 0-80 [5], several with commas");
}

}  // namespace

std::string_view pivotAxisTitle(PivotAxis axis) {
    static constexpr std::array<std::string_view, kPivotAxes> kTitles{"Epoch", "Prompt", "Noise", "Run", "Horizon H", "Seed", "Reward rank"};
    return kTitles[static_cast<std::size_t>(axis)];
}

std::vector<std::int64_t> chosenValues(std::string_view text, const PivotValues& values) {
    if (values.numbers.empty()) {
        return {};
    }
    std::vector<std::int64_t> chosen;
    std::set<std::int64_t> seen;
    bool isEmpty = true;
    for (const std::string_view term : termsOf(text)) {
        if (term.empty()) {
            continue;
        }
        isEmpty = false;
        for (const std::int64_t value : valuesOf(term, values)) {
            if (seen.insert(value).second) {
                chosen.push_back(value);
            }
        }
    }
    return isEmpty ? values.numbers : chosen;
}

}  // namespace rlcm::figure
