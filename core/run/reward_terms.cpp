// The little language of reward.terms: names with weights, joined by + and -.
#include <array>
#include <charconv>
#include <cmath>

#include "core/base/error.h"
#include "core/run/field_table.h"

namespace rlcm::run {
namespace {

constexpr std::array<std::string_view, 10> kRewardNames = {
    "compressibility", "incompressibility", "colourfulness", "alignment", "aesthetic",
    "clipscore",       "pickscore",         "hpsv2",         "server",    "program"};

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

class TermParser {
public:
    explicit TermParser(std::string_view text) : m_text(text) {}

    std::vector<RewardTerm> parse() {
        std::vector<RewardTerm> terms;
        double sign = take('-') ? -1.0 : (take('+'), 1.0);
        while (true) {
            addTerm(terms, sign);
            if (atEnd()) {
                return terms;
            }
            if (take('+')) {
                sign = 1.0;
            } else if (take('-')) {
                sign = -1.0;
            } else {
                fail("expected + or - at \"" + std::string(m_text.substr(m_at)) + '"');
            }
        }
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(ErrorKind::Config, "reward.terms \"" + std::string(m_text) + "\": " + why);
    }
    void skipSpace() {
        while (m_at < m_text.size() && m_text[m_at] == ' ') {
            ++m_at;
        }
    }
    bool atEnd() {
        skipSpace();
        return m_at == m_text.size();
    }
    bool take(char c) {
        if (atEnd() || m_text[m_at] != c) {
            return false;
        }
        ++m_at;
        return true;
    }
    bool isAtNumber() {
        return !atEnd() && ((m_text[m_at] >= '0' && m_text[m_at] <= '9') || m_text[m_at] == '.');
    }
    double number() {
        double value = 0;
        const auto [stop, error] =
            std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), value);
        if (error != std::errc{}) {
            fail("cannot read the number at \"" + std::string(m_text.substr(m_at)) + '"');
        }
        m_at = static_cast<std::size_t>(stop - m_text.data());
        return value;
    }
    /// A name is letters, with a '-' only between letters: "a - b" and "a -b" are differences.
    std::string name() {
        skipSpace();
        std::size_t end = m_at;
        while (end < m_text.size() && isNameCharacter(m_text[end]) && (m_text[end] != '-' || end > m_at)) {
            ++end;
        }
        const std::string found(m_text.substr(m_at, end - m_at));
        if (found.empty()) {
            fail(atEnd() ? "a reward is missing at the end"
                         : "expected a reward at \"" + std::string(m_text.substr(m_at)) + '"');
        }
        for (const std::string_view known : kRewardNames) {
            // "alignment-colourfulness" is a difference, not a longer name.
            if (found == known || (found.starts_with(known) && found[known.size()] == '-')) {
                m_at += known.size();
                return std::string(known);
            }
        }
        const std::string nearest = nearestName(found, kRewardNames);
        std::string all;
        for (const std::string_view known : kRewardNames) {
            all += (all.empty() ? "" : ", ") + std::string(known);
        }
        fail("there is no reward \"" + found + '"' +
             (nearest.empty() ? "; there are " + all : " (did you mean " + nearest + "?)"));
    }
    void addTerm(std::vector<RewardTerm>& terms, double sign) {
        RewardTerm term;
        if (isAtNumber()) {
            term.weight = number();
            if (!take('*')) {
                fail("a weight must be followed by * and a reward, as 0.1*colourfulness");
            }
            term.name = name();
        } else {
            term.name = name();
            if (take('*')) {
                if (!isAtNumber()) {
                    fail("a number must follow *");
                }
                term.weight = number();
            }
        }
        term.weight *= sign;
        if (!std::isfinite(term.weight) || term.weight == 0.0) {
            fail("the weight of " + term.name + " must not be zero");
        }
        for (const RewardTerm& earlier : terms) {
            if (earlier.name == term.name) {
                fail(term.name + " appears twice; add its weights");
            }
        }
        terms.push_back(term);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

}  // namespace

std::span<const std::string_view> rewardNames() {
    return kRewardNames;
}

std::vector<RewardTerm> parseRewardTerms(std::string_view text) {
    return TermParser(text).parse();
}

}  // namespace rlcm::run
