// Study files -> Study.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/run/counters.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "core/run/presets.h"
#include "core/study/object_reader.h"
#include "core/study/study.h"

namespace rlcm::study {
namespace {

constexpr std::int64_t kMostSeeds = 1000;

/// throws: Config when settings are not those of a run, or say what the study itself decides.
void checkSettings(const Json& settings, const std::string& where) {
    run::configFromJson(settings, where);
    for (const char* own : {"seed", "name"}) {
        if (settings.contains(own)) {
            throw Error(ErrorKind::Config, where + ": \"" + own + "\" is given by the study, not by its settings; \"seeds\" says how many there are");
        }
    }
}

void checkPreset(const std::string& preset, const ObjectReader& reader) {
    try {
        run::preset(preset);
    } catch (const Error& problem) {
        reader.fail(problem.what());
    }
}

AxisValue readValue(const Json& json, const std::string& where) {
    ObjectReader reader(json, where);
    AxisValue value{.name = reader.needText("name"), .preset = reader.text("preset", ""), .settings = reader.object("settings")};
    reader.requireAllTaken();
    if (!value.preset.empty()) {
        checkPreset(value.preset, reader);
    }
    checkSettings(value.settings, where + ", \"" + value.name + '"');
    return value;
}

Axis readAxis(const Json& json, const std::string& where) {
    ObjectReader reader(json, where);
    Axis axis{.name = reader.needText("name"), .values = {}};
    const std::string own = where + " \"" + axis.name + '"';
    std::set<std::string> names;
    for (const Json& value : reader.list("values")) {
        axis.values.push_back(readValue(value, own + ", value " + std::to_string(axis.values.size() + 1)));
        if (!names.insert(axis.values.back().name).second) {
            reader.fail("the axis \"" + axis.name + "\" has the value \"" + axis.values.back().name + "\" twice");
        }
    }
    reader.requireAllTaken();
    if (axis.values.empty()) {
        reader.fail("the axis \"" + axis.name + "\" has no values");
    }
    return axis;
}

Budget readBudget(const Json& json, const std::string& where) {
    ObjectReader reader(json, where);
    Budget budget{.counter = reader.needText("counter"), .value = {}};
    if (const Json* value = reader.find("value")) {
        if (!value->is_number() || !(value->get<double>() > 0)) {
            reader.fail("\"value\" must be a number above 0, not " + value->dump());
        }
        budget.value = value->get<double>();
    }
    reader.requireAllTaken();
    try {
        run::counterField(budget.counter);
    } catch (const Error& problem) {
        reader.fail(problem.what());
    }
    return budget;
}

void checkMeasure(const std::string& measure, const ObjectReader& reader) {
    const run::Measure* known = run::findMeasure(measure);
    if (known != nullptr) {
        return;
    }
    std::vector<std::string_view> names;
    for (const run::Measure& row : run::measures()) {
        names.push_back(row.name);
    }
    const std::string near = nearestName(measure, names);
    reader.fail("there is no measure \"" + measure + '"' + (near.empty() ? "" : " (did you mean \"" + near + "\"?)"));
}

void checkPlace(const Study& study, const Asked& asked, const ObjectReader& reader) {
    const auto axis = std::find_if(study.axes.begin(), study.axes.end(), [&](const Axis& one) { return one.name == asked.axis; });
    if (axis == study.axes.end()) {
        reader.fail("there is no axis \"" + asked.axis + '"');
    }
    if (asked.ask == Ask::Best && axis->values.size() < 2) {
        reader.fail("a best needs an axis with two values or more, and \"" + asked.axis + "\" has one");
    }
    for (const std::string& name : {asked.x, asked.y}) {
        const auto isNamed = [&](const AxisValue& value) { return value.name == name; };
        if (!name.empty() && std::none_of(axis->values.begin(), axis->values.end(), isNamed)) {
            std::vector<std::string> names;
            std::transform(axis->values.begin(), axis->values.end(), std::back_inserter(names), [](const AxisValue& value) { return value.name; });
            const std::string near = nearestName(name, names);
            reader.fail("the axis \"" + axis->name + "\" has no value \"" + name + '"' + (near.empty() ? "" : " (did you mean \"" + near + "\"?)"));
        }
    }
}

Asked readAsked(const Json& json, const std::string& where, const Study& study) {
    ObjectReader reader(json, where);
    const std::string kind = reader.needText("ask");
    const std::map<std::string, Ask> kinds{{"difference", Ask::Difference}, {"change", Ask::Change}, {"cost", Ask::Cost}, {"best", Ask::Best}};
    if (!kinds.contains(kind)) {
        reader.fail("\"ask\" must be difference, change, cost or best, not \"" + kind + '"');
    }
    Asked asked{.ask = kinds.at(kind), .measure = reader.text("measure", std::string(run::measure::kEvalRewardMean))};
    asked.axis = reader.text("axis", "");
    const bool isOfTwo = asked.ask == Ask::Difference || asked.ask == Ask::Cost;
    asked.x = asked.ask == Ask::Best ? "" : reader.text("x", "");
    asked.y = isOfTwo ? reader.text("y", "") : "";
    asked.isGain = reader.flag("gain");
    asked.isJudgeControlled = reader.flag("judge_controlled");
    reader.requireAllTaken();
    checkMeasure(asked.measure, reader);
    if (isOfTwo && (asked.axis.empty() || asked.x.empty() || asked.y.empty() || asked.x == asked.y)) {
        reader.fail("a " + kind + " needs \"axis\" and two unlike values of it, \"x\" and \"y\"");
    }
    if (asked.ask == Ask::Change && asked.isGain) {
        reader.fail("a change is a gain already; \"gain\" belongs to difference, cost and best");
    }
    if (asked.ask == Ask::Best && asked.axis.empty()) {
        reader.fail("a best needs \"axis\": of whose values the best is asked");
    }
    if (asked.ask != Ask::Best && asked.axis.empty() != asked.x.empty()) {
        reader.fail("\"axis\" and \"x\" belong together");
    }
    if (!asked.axis.empty()) {
        checkPlace(study, asked, reader);
    }
    return asked;
}

std::int64_t readSeeds(ObjectReader& reader) {
    const Json* seeds = reader.find("seeds");
    if (seeds == nullptr) {
        return Study{}.seeds;
    }
    if (!seeds->is_number_integer() || seeds->get<std::int64_t>() < 1 || seeds->get<std::int64_t>() > kMostSeeds) {
        reader.fail("\"seeds\" must be a whole number of 1 to " + std::to_string(kMostSeeds) + ", not " + seeds->dump());
    }
    return seeds->get<std::int64_t>();
}

void readAxes(Study& study, ObjectReader& reader) {
    std::set<std::string> names;
    for (const Json& axis : reader.list("axes")) {
        study.axes.push_back(readAxis(axis, reader.where() + ": axis " + std::to_string(study.axes.size() + 1)));
        if (!names.insert(study.axes.back().name).second) {
            reader.fail("there are two axes \"" + study.axes.back().name + '"');
        }
    }
    if (study.axes.empty()) {
        reader.fail("\"axes\" is missing or empty: a study varies something");
    }
}

/// One setting from its text, with the type that it has.
Json settingAs(const std::string& path, const std::string& text) {
    run::RunConfig probe;
    run::setField(probe, path, text);
    return std::visit([&](const auto& value) { return Json{{path, value}}; }, run::fieldAt(path).get(probe));
}

}  // namespace

Study studyFromJson(const Json& json, const std::string& name, std::string_view where) {
    ObjectReader reader(json, std::string(where));
    Study study{.name = name, .title = reader.needText("title"), .question = reader.needText("question"), .note = reader.text("note", "")};
    study.preset = reader.needText("preset");
    checkPreset(study.preset, reader);
    study.settings = reader.object("settings");
    checkSettings(study.settings, reader.where() + ": settings");
    study.seeds = readSeeds(reader);
    readAxes(study, reader);
    for (const Json& budget : reader.list("budgets")) {
        study.budgets.push_back(readBudget(budget, reader.where() + ": budget " + std::to_string(study.budgets.size() + 1)));
    }
    if (study.budgets.empty()) {
        study.budgets.push_back({"reward_queries", {}});
    }
    for (const Json& asked : reader.list("answers")) {
        study.asked.push_back(readAsked(asked, reader.where() + ": answer " + std::to_string(study.asked.size() + 1), study));
    }
    reader.requireAllTaken();
    if (study.asked.empty()) {
        reader.fail("\"answers\" is missing or empty: say what is asked of the runs");
    }
    return study;
}

void setBudget(Study& study, const std::string& text) {
    const std::size_t sign = text.find('=');
    const std::string counter = text.substr(0, sign);
    run::counterField(counter);
    double value = 0;
    const char* end = text.data() + text.size();
    const bool isNumber = sign != std::string::npos && std::from_chars(text.data() + sign + 1, end, value).ptr == end;
    if (!isNumber || !std::isfinite(value) || value <= 0) {
        throw Error(ErrorKind::Config, "a budget is a counter and a number above 0, as reward_queries=640, not \"" + text + '"');
    }
    for (Budget& budget : study.budgets) {
        if (budget.counter == counter) {
            budget.value = value;
            return;
        }
    }
    study.budgets.push_back({counter, value});
}

void setAxis(Study& study, const std::string& text) {
    const std::size_t sign = text.find('=');
    const std::string name = text.substr(0, sign);
    const auto axis = std::find_if(study.axes.begin(), study.axes.end(), [&](const Axis& one) { return one.name == name; });
    if (sign == std::string::npos || axis == study.axes.end()) {
        std::vector<std::string> names;
        std::transform(study.axes.begin(), study.axes.end(), std::back_inserter(names), [](const Axis& one) { return one.name; });
        const std::string near = nearestName(name, names);
        throw Error(ErrorKind::Config, "an axis is given as NAME=VALUE,VALUE, not \"" + text + "\"; the study has " + (near.empty() ? names.front() : near));
    }
    const AxisValue pattern = axis->values.front();
    if (pattern.settings.size() != 1 || !pattern.settings.begin()->is_primitive()) {
        throw Error(ErrorKind::Config, "the axis \"" + name + "\" varies several settings, so its values cannot be given as words; copy the study's file");
    }
    axis->values.clear();
    std::string rest = text.substr(sign + 1) + ',';
    for (std::size_t end = rest.find(','); end != std::string::npos; end = rest.find(',')) {
        axis->values.push_back({rest.substr(0, end), pattern.preset, settingAs(pattern.settings.begin().key(), rest.substr(0, end))});
        rest.erase(0, end + 1);
    }
    const auto isGone = [&](const std::string& value) {
        return !value.empty() && std::none_of(axis->values.begin(), axis->values.end(), [&](const AxisValue& one) { return one.name == value; });
    };
    std::erase_if(study.asked, [&](const Asked& asked) { return asked.axis == name && (isGone(asked.x) || isGone(asked.y)); });
    if (study.asked.empty()) {
        throw Error(ErrorKind::Config, "with these values of \"" + name + "\" nothing is left that the study asks");
    }
}

}  // namespace rlcm::study
