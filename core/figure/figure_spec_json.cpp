// FigureSpec <-> JSON.
#include <array>
#include <functional>
#include <map>

#include "core/base/error.h"
#include "core/figure/figure_spec.h"

namespace rlcm::figure {
namespace {

template <typename Value>
struct Choice {
    Value value;
    std::string_view name;
};
constexpr std::array kKinds{Choice{FigureKind::Curves, "curves"}, Choice{FigureKind::OverOptimisation, "over_optimisation"}};
constexpr std::array kGroupings{Choice{Grouping::None, "none"}, Choice{Grouping::Seeds, "seeds"}};
constexpr std::array kBands{Choice{Band::MinMax, "min_max"}, Choice{Band::StandardDeviation, "standard_deviation"},
                            Choice{Band::Confidence95, "confidence_95"}};

constexpr std::array kSmoothers{Choice{Smoother::Exponential, "exponential"}, Choice{Smoother::Mean, "mean"}, Choice{Smoother::Median, "median"}};

template <typename Value, std::size_t count>
std::string nameOf(const std::array<Choice<Value>, count>& choices, Value value) {
    for (const Choice<Value>& choice : choices) {
        if (choice.value == value) {
            return std::string(choice.name);
        }
    }
    return {};
}

/// A place in the document with its name for messages.
struct Place {
    const Json& json;
    std::string name;

    [[noreturn]] void refuse(const std::string& what) const { throw Error(ErrorKind::Config, name + " " + what); }
};

void require(const Place& place, bool isRight, const char* wanted) {
    if (!isRight) {
        place.refuse("must be " + std::string(wanted) + ", not " + place.json.dump());
    }
}
void read(const Place& place, std::string& value) {
    require(place, place.json.is_string(), "text");
    place.json.get_to(value);
}
void read(const Place& place, double& value) {
    require(place, place.json.is_number(), "a number");
    place.json.get_to(value);
}
void read(const Place& place, int& value) {
    require(place, place.json.is_number_integer(), "a whole number");
    place.json.get_to(value);
}
void read(const Place& place, bool& value) {
    require(place, place.json.is_boolean(), "true or false");
    place.json.get_to(value);
}
template <typename Value, std::size_t count>
void readChoice(const Place& place, const std::array<Choice<Value>, count>& choices, Value& value) {
    std::string word, known;
    read(place, word);
    for (const Choice<Value>& choice : choices) {
        if (choice.name == word) {
            value = choice.value;
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string(choice.name);
    }
    place.refuse("must be one of " + known + ", not \"" + word + "\"");
}
template <typename Value>
void read(const Place& place, std::vector<Value>& values);

using Members = std::map<std::string, std::function<void(const Place&)>, std::less<>>;

/// Hands each member of an object to its reader.
void readObject(const Place& place, const Members& members) {
    require(place, place.json.is_object(), "an object");
    for (const auto& [key, value] : place.json.items()) {
        const auto member = members.find(key);
        if (member == members.end()) {
            std::vector<std::string> names;
            for (const auto& [name, reader] : members) {
                names.push_back(name);
            }
            const std::string near = nearestName(key, names);
            place.refuse("has an unknown key \"" + key + "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
        }
        member->second({value, place.name + "." + key});
    }
}

template <typename Value>
std::function<void(const Place&)> into(Value& value) {
    return [&value](const Place& place) { read(place, value); };
}

void read(const Place& place, Series& series) {
    readObject(place, {{"measure", into(series.measure)}, {"runs", into(series.runs)}});
}
void read(const Place& place, Mark& mark) {
    readObject(place, {{"x", into(mark.x)}, {"label", into(mark.label)}});
}
void read(const Place& place, Size& size) {
    readObject(place, {{"width_mm", into(size.widthMm)}, {"height_mm", into(size.heightMm)}, {"font_pt", into(size.fontPt)}, {"dpi", into(size.dpi)}});
}
void read(const Place& place, std::optional<Extract>& extract) {
    if (place.json.is_null()) {
        extract.reset();
        return;
    }
    Extract& part = extract.emplace();
    readObject(place, {{"x0", into(part.x0)}, {"x1", into(part.x1)}, {"y0", into(part.y0)}, {"y1", into(part.y1)}});
}
template <typename Value>
void read(const Place& place, std::vector<Value>& values) {
    require(place, place.json.is_array(), "a list");
    values.clear();
    for (std::size_t i = 0; i < place.json.size(); ++i) {
        read({place.json[i], place.name + "[" + std::to_string(i) + "]"}, values.emplace_back());
    }
}

}  // namespace

Json toJson(const FigureSpec& spec) {
    Json json{{"kind", nameOf(kKinds, spec.kind)},
              {"title", spec.title},
              {"axis", spec.axis},
              {"series", Json::array()},
              {"grouping", nameOf(kGroupings, spec.grouping)},
              {"band", nameOf(kBands, spec.band)},
              {"half_life", spec.halfLife},
              {"smoother", nameOf(kSmoothers, spec.smoother)},
              {"raw", spec.hasRaw},
              {"log_y", spec.isLogY},
              {"ignore_outliers", spec.ignoresOutliers},
              {"marks", Json::array()},
              {"size", {{"width_mm", spec.size.widthMm}, {"height_mm", spec.size.heightMm}, {"font_pt", spec.size.fontPt}, {"dpi", spec.size.dpi}}}};
    for (const Series& series : spec.series) {
        json["series"].push_back({{"measure", series.measure}, {"runs", series.runs}});
    }
    for (const Mark& mark : spec.marks) {
        json["marks"].push_back({{"x", mark.x}, {"label", mark.label}});
    }
    if (spec.extract) {
        json["extract"] = {{"x0", spec.extract->x0}, {"x1", spec.extract->x1}, {"y0", spec.extract->y0}, {"y1", spec.extract->y1}};
    }
    return json;
}

FigureSpec figureSpecFromJson(const Json& json, std::string_view where) {
    FigureSpec spec;
    readObject({json, std::string(where) + ": the figure"}, {{"kind", [&](const Place& place) { readChoice(place, kKinds, spec.kind); }},
                                                             {"title", into(spec.title)},
                                                             {"axis", into(spec.axis)},
                                                             {"series", into(spec.series)},
                                                             {"grouping", [&](const Place& place) { readChoice(place, kGroupings, spec.grouping); }},
                                                             {"band", [&](const Place& place) { readChoice(place, kBands, spec.band); }},
                                                             {"half_life", into(spec.halfLife)},
                                                             {"smoother", [&](const Place& place) { readChoice(place, kSmoothers, spec.smoother); }},
                                                             {"raw", into(spec.hasRaw)},
                                                             {"log_y", into(spec.isLogY)},
                                                             {"ignore_outliers", into(spec.ignoresOutliers)},
                                                             {"extract", into(spec.extract)},
                                                             {"marks", into(spec.marks)},
                                                             {"size", into(spec.size)}});
    try {
        requireValid(spec);
    } catch (const Error& error) {
        throw Error(ErrorKind::Config, std::string(where) + ": " + error.what());
    }
    return spec;
}

}  // namespace rlcm::figure
