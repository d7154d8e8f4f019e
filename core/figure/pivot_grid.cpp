#include "core/figure/pivot_grid.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "core/base/error.h"

namespace rlcm::figure {

struct PivotGrid::Point {
    std::array<std::optional<std::int64_t>, kPivotAxes> values;
    const std::optional<std::int64_t>& at(PivotAxis axis) const { return values[static_cast<std::size_t>(axis)]; }
};

namespace {

bool isNamed(PivotAxis axis) {
    return axis == PivotAxis::Prompt || axis == PivotAxis::Run;
}

bool isIn(const PivotImages::Prompt& prompt, PromptGroup group) {
    return group == PromptGroup::All || prompt.isHeldOut == (group == PromptGroup::HeldOut);
}

std::vector<std::int64_t> countedTo(std::int64_t last) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 1; i <= last; ++i) {
        numbers.push_back(i);
    }
    return numbers;
}

std::vector<std::int64_t> ofRuns(const PivotImages& images, std::int64_t store::RunRow::* part) {
    std::vector<std::int64_t> numbers;
    for (const auto& run : images.runs()) {
        numbers.push_back(run->run.*part);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

std::string headerText(PivotAxis axis, std::int64_t value, const PivotImages& images) {
    const auto index = static_cast<std::size_t>(value);
    switch (axis) {
        case PivotAxis::Epoch:
            return "ep " + std::to_string(value);
        case PivotAxis::Prompt:
            return images.prompts()[index].text;
        case PivotAxis::Noise:
            return "noise " + std::to_string(value);
        case PivotAxis::Run:
            return images.runs()[index]->run.name;
        case PivotAxis::Horizon:
            return "H " + std::to_string(value);
        case PivotAxis::Seed:
            return "seed " + std::to_string(value);
        case PivotAxis::RewardRank:
            return value == 1 ? "best" : "rank " + std::to_string(value);
    }
    return {};
}

/// Mean of the changes of a row or column.
class MeanChange {
public:
    void add(double change, const std::string& rewardKey) {
        m_isMixed = m_isMixed || (m_count > 0 && rewardKey != *m_key);
        m_key = &rewardKey;
        m_mean += (change - m_mean) / ++m_count;
    }
    std::optional<double> value() const { return m_count == 0 || m_isMixed ? std::nullopt : std::optional(m_mean); }

private:
    double m_mean = 0;
    int m_count = 0;
    const std::string* m_key = nullptr;
    bool m_isMixed = false;
};

std::vector<std::optional<double>> changesOf(const std::vector<MeanChange>& means) {
    std::vector<std::optional<double>> values;
    std::transform(means.begin(), means.end(), std::back_inserter(values), [](const MeanChange& mean) { return mean.value(); });
    return values;
}

}  // namespace

void PivotSpec::setAxis(PivotSlot slot, PivotAxis axis) {
    PivotAxis& here = axes[static_cast<std::size_t>(slot)];
    std::replace(axes.begin(), axes.end(), axis, here);
    here = axis;
}

std::optional<double> PivotCell::change() const {
    if (image == nullptr || first == nullptr || image->epoch == first->epoch) {
        return std::nullopt;
    }
    return image->reward - first->reward;
}

std::optional<double> PivotCell::judge() const {
    if (image == nullptr) {
        return std::nullopt;
    }
    const auto found = run->judge.find(image->epoch);
    return found == run->judge.end() || !std::isfinite(found->second) ? std::nullopt : std::optional(found->second);
}

std::string absenceText(const PivotCell& cell) {
    switch (cell.absence) {
        case PivotAbsence::None:
            return {};
        case PivotAbsence::NoRun:
            return "no such run";
        case PivotAbsence::NoImages:
            return "no images yet";
        case PivotAbsence::NotYet:
            return "none up to epoch " + std::to_string(cell.askedEpoch);
        case PivotAbsence::NotInSet:
            return "prompt not in its set";
        case PivotAbsence::OtherNoise:
            return "only from other noise";
        case PivotAbsence::NoRank:
            return "fewer images";
    }
    return {};
}

PivotGrid::PivotGrid(std::shared_ptr<const PivotImages> images, PivotSpec spec, PivotFocus focus)
    : m_images(std::move(images)), m_spec(std::move(spec)), m_focus(std::move(focus)) {
    const auto& runs = m_images->runs();
    const auto wanted = std::find_if(runs.begin(), runs.end(), [this](const auto& run) { return run->run.id == m_focus.run; });
    m_focusRun = runs.empty() ? -1 : wanted == runs.end() ? 0 : static_cast<int>(wanted - runs.begin());
    const auto choose = [this](PivotAxis axis) {
        const PivotValues all = values(axis);
        return chosenValues(rangeError(axis, m_spec.range(axis)).empty() ? m_spec.range(axis) : std::string(), all);
    };
    std::vector<int> group;  // the places on the axis of prompts are those in the group
    for (int i = 0; i < static_cast<int>(m_images->prompts().size()); ++i) {
        if (isIn(m_images->prompts()[static_cast<std::size_t>(i)], m_spec.prompts)) {
            group.push_back(i);
        }
    }
    m_prompts = group;
    if (m_spec.has(PivotAxis::Prompt)) {
        m_prompts.clear();
        for (const std::int64_t place : choose(PivotAxis::Prompt)) {
            m_prompts.push_back(group[static_cast<std::size_t>(place - 1)]);
        }
    }
    for (std::size_t slot = 0; slot < kPivotSlots; ++slot) {
        const PivotAxis axis = m_spec.axes[slot];
        std::vector<std::int64_t> chosen(m_prompts.begin(), m_prompts.end());
        if (axis != PivotAxis::Prompt) {
            chosen = choose(axis);
        }
        for (const std::int64_t number : chosen) {
            const std::int64_t value = axis == PivotAxis::Run ? number - 1 : number;
            m_headers[slot].push_back({value, headerText(axis, value, *m_images)});
        }
    }
}

PivotValues PivotGrid::values(PivotAxis axis) const {
    PivotValues all{.axis = axis, .numbers = {}};
    switch (axis) {
        case PivotAxis::Epoch:
            all.numbers = m_images->epochs();
            break;
        case PivotAxis::Prompt:
            for (const PivotImages::Prompt& prompt : m_images->prompts()) {
                if (isIn(prompt, m_spec.prompts)) {
                    all.names.push_back(prompt.text);
                }
            }
            break;
        case PivotAxis::Run:
            for (const auto& run : m_images->runs()) {
                all.names.push_back(run->run.name);
            }
            break;
        case PivotAxis::Noise:
            all.numbers = countedTo(m_images->noises());
            break;
        case PivotAxis::Horizon:
            all.numbers = ofRuns(*m_images, &store::RunRow::steps);
            break;
        case PivotAxis::Seed:
            all.numbers = ofRuns(*m_images, &store::RunRow::seed);
            break;
        case PivotAxis::RewardRank: {
            const std::int64_t prompts = m_spec.has(PivotAxis::Prompt) ? std::int64_t{!m_prompts.empty()} : static_cast<std::int64_t>(m_prompts.size());
            all.numbers = countedTo(prompts * (m_spec.has(PivotAxis::Noise) ? std::min(1, m_images->noises()) : m_images->noises()));
            break;
        }
    }
    if (isNamed(axis)) {
        all.numbers = countedTo(static_cast<std::int64_t>(all.names.size()));
    }
    return all;
}

std::string PivotGrid::rangeError(PivotAxis axis, const std::string& range) const {
    try {
        chosenValues(range, values(axis));
        return {};
    } catch (const Error& problem) {
        return problem.what();
    }
}

/// -1: none has this horizon and seed.
int PivotGrid::chooseRun(const Point& point) const {
    const auto fits = [&](const store::RunRow& run) {
        return point.at(PivotAxis::Horizon).value_or(run.steps) == run.steps && point.at(PivotAxis::Seed).value_or(run.seed) == run.seed;
    };
    const auto& runs = m_images->runs();
    const std::int64_t wanted = point.at(PivotAxis::Run).value_or(m_focusRun);
    if (wanted < 0 || fits(runs[static_cast<std::size_t>(wanted)]->run)) {
        return static_cast<int>(wanted);
    }
    if (point.at(PivotAxis::Run)) {
        return -1;
    }
    const auto found = std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return fits(run->run); });
    return found == runs.end() ? -1 : static_cast<int>(found - runs.begin());
}

/// Best first; what is not a number comes last.
const std::vector<PivotGrid::Ranked>& PivotGrid::ranked(int run, const Point& point) const {
    const std::int64_t epoch = point.at(PivotAxis::Epoch).value_or(m_focus.epoch);
    const std::int64_t prompt = point.at(PivotAxis::Prompt).value_or(-1), noise = point.at(PivotAxis::Noise).value_or(0) - 1;
    const auto [entry, isNew] = m_ranked.try_emplace({run, epoch, prompt, noise});
    if (!isNew) {
        return entry->second;
    }
    std::vector<Ranked>& all = entry->second;
    std::int64_t newest = -1;  // ranks are those of one evaluation
    for (const auto& [key, history] : m_images->keys(run)) {
        const bool isWanted = prompt < 0 ? std::find(m_prompts.begin(), m_prompts.end(), key.prompt) != m_prompts.end() : key.prompt == prompt;
        const store::SampleRow* image = isWanted && (noise < 0 || key.noise == noise) ? imageAt(history, epoch) : nullptr;
        if (image != nullptr) {
            all.push_back({image, history.front().second});
            newest = std::max(newest, image->epoch);
        }
    }
    std::erase_if(all, [newest](const Ranked& one) { return one.image->epoch != newest; });
    const auto worth = [](const Ranked& one) { return std::isnan(one.image->reward) ? -std::numeric_limits<double>::infinity() : one.image->reward; };
    std::stable_sort(all.begin(), all.end(), [&](const Ranked& a, const Ranked& b) { return worth(a) > worth(b); });
    return all;
}

PivotCell PivotGrid::rankedCell(PivotCell cell, int run, const Point& point) const {
    const std::vector<Ranked>& all = ranked(run, point);
    const auto rank = static_cast<std::size_t>(*point.at(PivotAxis::RewardRank));
    if (rank > all.size()) {
        cell.absence = all.empty() ? PivotAbsence::NotYet : PivotAbsence::NoRank;
        return cell;
    }
    cell.image = all[rank - 1].image;
    cell.first = all[rank - 1].first;
    return cell;
}

PivotCell PivotGrid::cell(int row, int column, int page) const {
    Point point;
    const std::array places{row, column, page};
    for (std::size_t slot = 0; slot < kPivotSlots; ++slot) {
        const auto& headers = m_headers[slot];
        if (static_cast<std::size_t>(places[slot]) < headers.size()) {
            point.values[static_cast<std::size_t>(m_spec.axes[slot])] = headers[static_cast<std::size_t>(places[slot])].value;
        }
    }
    PivotCell cell{.askedEpoch = point.at(PivotAxis::Epoch).value_or(m_focus.epoch)};
    const int run = chooseRun(point);
    if (run < 0) {
        cell.absence = PivotAbsence::NoRun;
        return cell;
    }
    cell.run = m_images->runs()[static_cast<std::size_t>(run)].get();
    if (cell.run->samples.empty()) {
        cell.absence = PivotAbsence::NoImages;
        return cell;
    }
    if (point.at(PivotAxis::RewardRank)) {
        return rankedCell(cell, run, point);
    }
    const PivotKey key{static_cast<int>(point.at(PivotAxis::Prompt).value_or(m_prompts.empty() ? -1 : m_prompts.front())),
                       static_cast<int>(point.at(PivotAxis::Noise).value_or(1)) - 1};
    const PivotImages::History& history = m_images->history(run, key);
    if (history.empty()) {
        const auto& keys = m_images->keys(run);
        const auto any = keys.lower_bound({key.prompt, 0});
        cell.absence = any != keys.end() && any->first.prompt == key.prompt ? PivotAbsence::OtherNoise : PivotAbsence::NotInSet;
        return cell;
    }
    cell.image = imageAt(history, cell.askedEpoch);
    cell.first = history.front().second;
    cell.absence = cell.image == nullptr ? PivotAbsence::NotYet : PivotAbsence::None;
    return cell;
}

PivotSummary PivotGrid::summary(int page) const {
    PivotSummary sum;
    std::vector<MeanChange> rows(headers(PivotSlot::Rows).size()), columns(headers(PivotSlot::Columns).size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            const PivotCell one = cell(static_cast<int>(row), static_cast<int>(column), page);
            if (one.image == nullptr) {
                continue;
            }
            ++sum.images;
            const std::string& key = one.run->rewardKey;
            if (std::isfinite(one.image->reward)) {
                auto& [least, largest] = sum.rewards.try_emplace(key, one.image->reward, one.image->reward).first->second;
                least = std::min(least, one.image->reward);
                largest = std::max(largest, one.image->reward);
            }
            if (const auto change = one.change(); change && std::isfinite(*change)) {
                rows[row].add(*change, key);
                columns[column].add(*change, key);
                double& largest = sum.largestChange[key];
                largest = std::max(largest, std::abs(*change));
            }
        }
    }
    sum.rowChange = changesOf(rows);
    sum.columnChange = changesOf(columns);
    return sum;
}

std::vector<int> PivotGrid::rowOrder(const PivotSummary& summary) const {
    std::vector<int> order;
    for (int i = 0; i < static_cast<int>(summary.rowChange.size()); ++i) {
        order.push_back(i);
    }
    if (m_spec.order == PivotOrder::ByChange) {
        const auto worth = [&](int row) { return summary.rowChange[static_cast<std::size_t>(row)].value_or(-std::numeric_limits<double>::infinity()); };
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return worth(a) > worth(b); });
    }
    return order;
}

}  // namespace rlcm::figure
