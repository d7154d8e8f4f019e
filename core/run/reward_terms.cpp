// The little language of reward.terms: names with weights, joined by + and -.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/run/field_list.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

std::vector<std::string_view> kindNames() {
    std::vector<std::string_view> names;
    for (const RewardKind& kind : rewardKinds()) {
        names.push_back(kind.id);
    }
    return names;
}

bool isIdCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The leaf of a setting's path: a term's own "clip_model" is reward.clip_model.
std::string_view leaf(std::string_view path) {
    return path.substr(path.rfind('.') + 1);
}

/// A value as it stands between the brackets of a term.
std::string paramText(const std::string& value) {
    return value.find_first_of(";]\"") == std::string::npos ? value : '"' + value + '"';
}

bool isNameCharacter(char c) {
    return isIdCharacter(c) || c == '-';
}

class TermParser {
public:
    TermParser(std::string_view text, std::string_view setting) : m_text(text), m_setting(setting) {}

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
        throw Error(ErrorKind::Config, '"' + std::string(m_text) + "\": " + why, {.setting = std::string(m_setting)});
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
    bool isAtNumber() { return !atEnd() && ((m_text[m_at] >= '0' && m_text[m_at] <= '9') || m_text[m_at] == '.'); }
    double number() {
        double value = 0;
        const auto [stop, error] = std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), value);
        if (error != std::errc{}) {
            fail("cannot read the number at \"" + std::string(m_text.substr(m_at)) + '"');
        }
        m_at = static_cast<std::size_t>(stop - m_text.data());
        return value;
    }
    /// "look" of "look=alignment", or "" when the term has no name of its own.
    std::string id() {
        skipSpace();
        std::size_t end = m_at;
        while (end < m_text.size() && isIdCharacter(m_text[end])) {
            ++end;
        }
        const std::string found(m_text.substr(m_at, end - m_at));
        const std::size_t before = m_at;
        m_at = end;
        if (!found.empty() && take('=')) {
            return found;
        }
        m_at = before;
        return "";
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
            fail(atEnd() ? "a reward is missing at the end" : "expected a reward at \"" + std::string(m_text.substr(m_at)) + '"');
        }
        const std::vector<std::string_view> known = kindNames();
        for (const std::string_view kind : known) {
            // "alignment-colourfulness" is a difference, not a longer name.
            if (found == kind || (found.starts_with(kind) && found[kind.size()] == '-')) {
                m_at += kind.size();
                return std::string(kind);
            }
        }
        const std::string nearest = nearestName(found, known);
        std::string all;
        for (const std::string_view kind : known) {
            all += (all.empty() ? "" : ", ") + std::string(kind);
        }
        fail("there is no reward \"" + found + '"' + (nearest.empty() ? "; there are " + all : " (did you mean " + nearest + "?)"));
    }
    std::string paramName(const RewardKind& kind) {
        skipSpace();
        std::size_t end = m_at;
        while (end < m_text.size() && isIdCharacter(m_text[end])) {
            ++end;
        }
        const std::string found(m_text.substr(m_at, end - m_at));
        m_at = end;
        std::vector<std::string_view> names;
        for (const std::string_view path : kind.settings) {
            names.push_back(leaf(path));
        }
        if (std::ranges::find(names, found) == names.end()) {
            const std::string nearest = nearestName(found, names);
            fail(std::string(kind.id) + " has no setting \"" + found + '"' + (nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
        }
        return found;
    }
    std::string paramValue() {
        if (take('"')) {
            const std::size_t end = m_text.find('"', m_at);
            if (end == std::string_view::npos) {
                fail("a value has no closing quote");
            }
            return std::string(m_text.substr(std::exchange(m_at, end + 1), end - m_at));
        }
        const std::size_t end = std::min(m_text.find_first_of(";]", m_at), m_text.size());
        std::string value(m_text.substr(m_at, end - m_at));
        m_at = end;
        value.erase(value.find_last_not_of(' ') + 1);
        return value;
    }
    void addParams(RewardTerm& term) {
        if (!take('[')) {
            return;
        }
        do {
            const std::string name = paramName(rewardKind(term.kind));
            if (!take('=')) {
                fail("= and a value must follow " + name);
            }
            term.params.emplace_back(name, paramValue());
        } while (take(';'));
        if (!take(']')) {
            fail("a ] is missing after the settings of " + term.kind);
        }
    }
    void addReward(RewardTerm& term) {
        const std::string own = id();
        term.kind = name();
        term.id = own.empty() ? term.kind : own;
        addParams(term);
    }
    void addTerm(std::vector<RewardTerm>& terms, double sign) {
        RewardTerm term;
        if (isAtNumber()) {
            term.weight = number();
            if (!take('*')) {
                fail("a weight must be followed by * and a reward, as 0.1*colourfulness");
            }
            addReward(term);
        } else {
            addReward(term);
            if (take('*')) {
                if (!isAtNumber()) {
                    fail("a number must follow *");
                }
                term.weight = number();
            }
        }
        term.weight *= sign;
        if (!std::isfinite(term.weight) || term.weight == 0.0) {
            fail("the weight of " + term.id + " must not be zero");
        }
        for (const RewardTerm& earlier : terms) {
            if (earlier.id == term.id) {
                fail(term.id + " appears twice; add its weights, or give one a name, as other=" + term.kind);
            }
        }
        terms.push_back(term);
    }

    std::string_view m_text, m_setting;
    std::size_t m_at = 0;
};

}  // namespace

std::vector<RewardTerm> parseRewardTerms(std::string_view text) {
    return TermParser(text, kRewardTerms).parse();
}

std::vector<RewardTerm> parseJudges(std::string_view text) {
    if (text.find_first_not_of(' ') == std::string_view::npos) {
        return {};
    }
    std::vector<RewardTerm> judges = TermParser(text, kJudges).parse();
    for (const RewardTerm& judge : judges) {
        if (judge.weight != 1.0) {
            throw Error(ErrorKind::Config, judge.id + " must have no weight: judges are not summed, each draws a curve of its own",
                        {.setting = std::string(kJudges)});
        }
    }
    return judges;
}

std::string rewardTermsText(const Json& list, std::string_view setting) {
    const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::Config, why, {.setting = std::string(setting)}); };
    std::string text;
    for (const Json& item : list) {
        if (!item.is_object() || !item.contains("kind") || !item.at("kind").is_string()) {
            refuse("must be a text, or a list of objects with a kind, as {\"kind\": \"alignment\", \"weight\": 1}; there is " + item.dump());
        }
        std::string term = item.at("kind").get<std::string>(), params;
        double weight = 1;
        for (const auto& [key, value] : item.items()) {
            if (key == "weight" && value.is_number()) {
                weight = value.get<double>();
            } else if (key == "id" && value.is_string()) {
                term = value.get<std::string>() + '=' + term;
            } else if (key == "params" && value.is_object()) {
                for (const auto& [name, own] : value.items()) {
                    params += (params.empty() ? "" : "; ") + name + '=' + paramText(own.is_string() ? own.get<std::string>() : own.dump());
                }
            } else if (key != "kind") {
                refuse("a term has kind, weight, id and params, not " + key + ": " + value.dump());
            }
        }
        term += params.empty() ? "" : '[' + params + ']';
        const std::string factor = std::abs(weight) == 1 ? "" : numberText(std::abs(weight)) + '*';
        text += (text.empty() ? (weight < 0 ? "-" : "") : weight < 0 ? " - " : " + ") + factor + term;
    }
    setting == kJudges ? parseJudges(text) : parseRewardTerms(text);
    return text;
}

}  // namespace rlcm::run
