#pragma once
// How a row of the field table is written: one sentence of setters.
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/base/error.h"
#include "core/run/field_table.h"

namespace rlcm::run {

struct Words {
    const char* path;
    const char* label;
    const char* unit;
    std::string summary;  ///< one sentence
    std::string more{};   ///< what else should be known
};

/// One row under construction; the setters return the builder so that a row reads as one sentence.
class Row {
public:
    template <typename Get, typename Set>
    Row(const Words& words, Get get, Set set) {
        m_field.path = words.path;
        m_field.label = words.label;
        m_field.unit = words.unit;
        m_field.summary = words.summary;
        m_field.help = words.summary + (words.more.empty() ? "" : ' ' + words.more);
        m_field.get = std::move(get);
        m_field.set = std::move(set);
    }
    Row& basic() {
        m_field.tier = FieldTier::Basic;
        return *this;
    }
    Row& range(double minimum, double maximum) {
        m_field.minimum = minimum;
        m_field.maximum = maximum;
        return *this;
    }
    Row& above(double minimum, double maximum) {
        m_field.isMinimumExclusive = true;
        return range(minimum, maximum);
    }
    void addChoice(std::string_view name) { m_field.choices.emplace_back(name); }
    operator Field() const { return m_field; }

private:
    Field m_field;
};

template <typename T>
Row row(T RunConfig::* member, const Words& words) {
    return {words, [member](const RunConfig& c) { return FieldValue(c.*member); }, [member](RunConfig& c, const FieldValue& v) { c.*member = std::get<T>(v); }};
}

/// A setting that is one of a few words; the table's checks have let only those pass.
template <typename Section, Choice T>
Row row(Section RunConfig::* section, T Section::* member, const Words& words) {
    Row choice(
        words, [=](const RunConfig& c) { return FieldValue(std::string(toString(c.*section.*member))); },
        [=](RunConfig& c, const FieldValue& v) {
            const std::optional<T> value = choiceOf<T>(std::get<std::string>(v));
            ensure(value.has_value(), "a setting was given a word that it does not have");
            c.*section.*member = *value;
        });
    for (const std::string_view name : namesOf(T{})) {
        choice.addChoice(name);
    }
    return choice;
}

template <typename Section, typename T>
Row row(Section RunConfig::* section, T Section::* member, const Words& words) {
    return {words, [=](const RunConfig& c) { return FieldValue(c.*section.*member); },
            [=](RunConfig& c, const FieldValue& v) { c.*section.*member = std::get<T>(v); }};
}

}  // namespace rlcm::run
