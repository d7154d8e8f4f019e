#include "ui/view/view_state.h"

#include <QJsonArray>
#include <algorithm>
#include <cmath>

namespace rlcm::ui {

namespace {

constexpr int kVersion = 1;
constexpr int kBands = 3, kSmoothers = 3, kInferenceCosts = 2;

QString key(const char* name) {
    return QLatin1String(name);
}
QString text(const std::string& value) {
    return QString::fromStdString(value);
}

template <typename Enum>
Enum choice(const QJsonValue& value, Enum fallback, int count) {
    const int index = value.toInt(-1);
    return index >= 0 && index < count ? static_cast<Enum>(index) : fallback;
}

QJsonObject cursorJson(const Cursor& cursor) {
    QJsonObject json{{key("epoch"), cursor.epoch}, {key("following"), cursor.isFollowing}};
    if (cursor.place) {
        json[key("unit")] = axisKey(cursor.place->unit);
        json[key("x")] = cursor.place->x;
    }
    return json;
}
Cursor cursorOf(const QJsonObject& json) {
    Cursor cursor;
    cursor.epoch = std::max(0, json[key("epoch")].toInt(cursor.epoch));
    cursor.isFollowing = json[key("following")].toBool(cursor.isFollowing);
    if (json[key("x")].isDouble()) {
        cursor.place = {axisOfKey(json[key("unit")].toString(), XAxis::Epoch), json[key("x")].toDouble()};
    }
    return cursor;
}

QJsonObject compareJson(const CompareView& compare) {
    return {{key("measure"), text(compare.measure)},
            {key("reward"), text(compare.reward)},
            {key("axis"), axisKey(compare.axis)},
            {key("halfLife"), compare.halfLife},
            {key("smoother"), static_cast<int>(compare.smoother)},
            {key("raw"), compare.hasRaw},
            {key("log"), compare.isLogY},
            {key("outliers"), compare.ignoresOutliers},
            {key("group"), compare.isGrouped ? QJsonValue(*compare.isGrouped) : QJsonValue()},
            {key("band"), static_cast<int>(compare.band)},
            {key("image"), compare.image},
            {key("zoom"), zoomJson(compare.zoom)}};
}
CompareView compareOf(const QJsonObject& json) {
    CompareView compare;
    compare.measure = json[key("measure")].toString(text(compare.measure)).toStdString();
    compare.reward = json[key("reward")].toString().toStdString();
    compare.axis = axisOfKey(json[key("axis")].toString(), compare.axis);
    compare.halfLife = std::max(0.0, json[key("halfLife")].toDouble(compare.halfLife));
    compare.smoother = choice(json[key("smoother")], compare.smoother, kSmoothers);
    compare.hasRaw = json[key("raw")].toBool(compare.hasRaw);
    compare.isLogY = json[key("log")].toBool(compare.isLogY);
    compare.ignoresOutliers = json[key("outliers")].toBool(compare.ignoresOutliers);
    const QJsonValue group = json[key("group")];
    compare.isGrouped = group.isBool() ? std::optional(group.toBool()) : std::nullopt;
    compare.band = choice(json[key("band")], compare.band, kBands);
    compare.image = std::max(0, json[key("image")].toInt(compare.image));
    compare.zoom = zoomOf(json[key("zoom")]);
    return compare;
}

QJsonObject inspectJson(const InspectView& inspect) {
    return {{key("compare"), inspect.comparesShown}, {key("differences"), inspect.onlyDifferences}, {key("noiseHidden"), inspect.hidesNoise}};
}
InspectView inspectOf(const QJsonObject& json) {
    return {json[key("compare")].toBool(), json[key("differences")].toBool(), json[key("noiseHidden")].toBool()};
}
QJsonArray idsJson(const std::vector<run::RunId>& ids) {
    QJsonArray json;
    for (const run::RunId& id : ids) {
        json.append(text(id));
    }
    return json;
}
std::vector<run::RunId> idsOf(const QJsonValue& json) {
    std::vector<run::RunId> ids;
    for (const QJsonValue id : json.toArray()) {
        ids.push_back(id.toString().toStdString());
    }
    return ids;
}

QJsonObject horizonsJson(const HorizonsView& horizons) {
    return {{key("measure"), text(horizons.measure)},
            {key("reward"), text(horizons.reward)},
            {key("cost"), static_cast<int>(horizons.cost)},
            {key("unit"), axisKey(horizons.unit)},
            {key("budget"), horizons.budget ? QJsonValue(*horizons.budget) : QJsonValue()},
            {key("band"), static_cast<int>(horizons.band)},
            {key("dominated"), horizons.hasDominated},
            {key("base"), horizons.hasBase},
            {key("image"), horizons.image},
            {key("pinned"), idsJson(horizons.pinned)}};
}
HorizonsView horizonsOf(const QJsonObject& json) {
    HorizonsView horizons;
    horizons.measure = json[key("measure")].toString(text(horizons.measure)).toStdString();
    horizons.reward = json[key("reward")].toString().toStdString();
    horizons.cost = choice(json[key("cost")], horizons.cost, kInferenceCosts);
    horizons.unit = axisOfKey(json[key("unit")].toString(), horizons.unit);
    if (json[key("budget")].isDouble()) {
        horizons.budget = std::max(0.0, json[key("budget")].toDouble());
    }
    horizons.band = choice(json[key("band")], horizons.band, kBands);
    horizons.hasDominated = json[key("dominated")].toBool(horizons.hasDominated);
    horizons.hasBase = json[key("base")].toBool(horizons.hasBase);
    horizons.image = std::max(0, json[key("image")].toInt(horizons.image));
    horizons.pinned = idsOf(json[key("pinned")]);
    return horizons;
}

QJsonObject sideJson(const VoteChoice& side) {
    return {{key("run"), text(side.run)}, {key("epoch"), side.epoch ? QJsonValue(static_cast<qint64>(*side.epoch)) : QJsonValue()}};
}
VoteChoice sideOf(const QJsonObject& json) {
    const qint64 epoch = json[key("epoch")].toInteger(-1);
    return {.run = json[key("run")].toString().toStdString(), .epoch = epoch >= 0 ? std::optional<std::int64_t>(epoch) : std::nullopt};
}

}  // namespace

void ViewState::select(const run::RunId& id) {
    if (id != run) {
        run = id;
        live.showWhole();
    }
}

ViewState arrangedAs(const ViewState& now, const ViewState& kept) {
    ViewState next = kept;
    next.run = now.run;
    next.pinned = now.pinned;
    next.baseline = now.baseline;
    next.model = now.model;
    next.cursor = now.cursor;
    next.horizons.budget = now.horizons.budget;
    next.horizons.unit = now.horizons.unit;
    next.horizons.pinned = now.horizons.pinned;
    next.vote = now.vote;
    next.live.showWhole();
    next.compare.zoom.reset();
    return next;
}

QString differenceText(const ViewState& before, const ViewState& after) {
    const auto say = [](const char* what) { return QObject::tr(what); };
    const LiveView &live = before.live, &liveNow = after.live;
    const CompareView &compare = before.compare, &compareNow = after.compare;
    if (before.page != after.page) {
        return say("choice of page");
    }
    if (before.run != after.run || before.model != after.model || before.studies.study != after.studies.study) {
        return say("selection");
    }
    if (before.pinned != after.pinned) {
        return say("pin");
    }
    if (before.baseline != after.baseline) {
        return say("choice of baseline");
    }
    if (before.cursor != after.cursor) {
        return say("choice of epoch");
    }
    LiveView whole = live, wholeNow = liveNow;
    whole.showWhole();
    wholeNow.showWhole();
    if (whole.panels != wholeNow.panels) {
        return say("choice of charts");
    }
    if (live.panels != liveNow.panels || compare.zoom != compareNow.zoom) {
        return say("zoom");
    }
    if (live.axis != liveNow.axis || compare.axis != compareNow.axis) {
        return say("choice of axis");
    }
    if (live.halfLife != liveNow.halfLife || compare.halfLife != compareNow.halfLife || compare.smoother != compareNow.smoother) {
        return say("smoothing");
    }
    if (live.imagesLarger != liveNow.imagesLarger) {
        return say("size of the images");
    }
    if (before.horizons.budget != after.horizons.budget || before.horizons.unit != after.horizons.unit) {
        return say("choice of budget");
    }
    if (before.grid != after.grid) {
        return say("choice of the grid");
    }
    if (before.vote != after.vote) {
        return say("choice of images to vote about");
    }
    return before.layout != after.layout ? say("layout") : say("view");
}

QJsonObject toJson(const ViewState& state) {
    QJsonObject layout;
    for (const auto& [name, bytes] : state.layout) {
        layout[name] = QString::fromLatin1(bytes.toBase64());
    }
    return {{key("version"), kVersion},
            {key("page"), state.page},
            {key("run"), text(state.run)},
            {key("pinned"), idsJson(state.pinned)},
            {key("baseline"), text(state.baseline)},
            {key("model"), state.model},
            {key("cursor"), cursorJson(state.cursor)},
            {key("live"), liveJson(state.live)},
            {key("compare"), compareJson(state.compare)},
            {key("inspect"), inspectJson(state.inspect)},
            {key("horizons"), horizonsJson(state.horizons)},
            {key("grid"), gridJson(state.grid)},
            {key("vote"), QJsonObject{{key("a"), sideJson(state.vote.a)}, {key("b"), sideJson(state.vote.b)}}},
            {key("study"), state.studies.study},
            {key("seeds"), state.studies.seeds},
            {key("layout"), layout}};
}

ViewState viewStateFromJson(const QJsonObject& json) {
    ViewState state;
    if (json[key("version")].toInt() != kVersion) {
        return state;
    }
    state.page = json[key("page")].toString(state.page);
    state.run = json[key("run")].toString().toStdString();
    state.pinned = idsOf(json[key("pinned")]);
    state.baseline = json[key("baseline")].toString().toStdString();
    state.model = json[key("model")].toString();
    state.cursor = cursorOf(json[key("cursor")].toObject());
    state.live = liveOf(json[key("live")].toObject());
    state.compare = compareOf(json[key("compare")].toObject());
    state.inspect = inspectOf(json[key("inspect")].toObject());
    state.horizons = horizonsOf(json[key("horizons")].toObject());
    state.grid = gridOf(json[key("grid")].toObject());
    const QJsonObject vote = json[key("vote")].toObject();
    state.vote = {.a = sideOf(vote[key("a")].toObject()), .b = sideOf(vote[key("b")].toObject())};
    state.studies = {.study = json[key("study")].toString(), .seeds = std::max(0, json[key("seeds")].toInt())};
    const QJsonObject layout = json[key("layout")].toObject();
    for (auto entry = layout.begin(); entry != layout.end(); ++entry) {
        state.layout[entry.key()] = QByteArray::fromBase64(entry.value().toString().toLatin1());
    }
    return state;
}

}  // namespace rlcm::ui
