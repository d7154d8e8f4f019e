#include "core/learn/waiting_rounds.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::learn {
namespace {

constexpr const char* kWaiting = "waiting";

/// Names of the tensors of the waiting round at `place`.
std::string tensorName(std::size_t place, const std::string& what) {
    return std::string(kWaiting) + '.' + std::to_string(place) + '.' + what;
}

Json numbersOf(const Rollouts& round) {
    return {{"epoch", round.key.epoch}, {"index", round.key.index}, {"sample", round.sample},        {"prompt", round.prompt},      {"steps", round.steps},
            {"rewards", round.rewards}, {"terms", round.terms},     {"states", round.states.size()}, {"means", round.means.size()}, {"judged", round.judged}};
}

std::vector<at::Tensor> tensorsOf(const rl::LearnerState& state, std::size_t place, const std::string& what, const Json& count, at::Device device) {
    std::vector<at::Tensor> tensors;
    for (std::size_t i = 0; i < count.get<std::size_t>(); ++i) {
        tensors.push_back(state.tensor(tensorName(place, what + std::to_string(i))).to(device));
    }
    return tensors;
}

Rollouts readRound(const rl::LearnerState& state, std::size_t place, const Json& numbers, at::Device device) {
    Rollouts round;
    round.key = {numbers.at("epoch").get<std::uint64_t>(), numbers.at("index").get<std::uint64_t>()};
    numbers.at("sample").get_to(round.sample);
    numbers.at("prompt").get_to(round.prompt);
    numbers.at("steps").get_to(round.steps);
    numbers.at("rewards").get_to(round.rewards);
    numbers.at("terms").get_to(round.terms);
    numbers.at("judged").get_to(round.judged);
    round.states = tensorsOf(state, place, "state", numbers.at("states"), device);
    round.means = tensorsOf(state, place, "mean", numbers.at("means"), device);
    round.logProbs = state.tensor(tensorName(place, "log_probs")).to(device);
    return round;
}

}  // namespace

void WaitingRounds::add(Rollouts round) {
    ensure(round.kept.empty(), "a round that waits for its rewards keeps no graph");
    m_rounds.push_back(std::move(round));
}

std::optional<Rollouts> WaitingRounds::take(RoundKey key) {
    const auto found = std::ranges::find_if(m_rounds, [key](const Rollouts& round) { return round.key.epoch == key.epoch && round.key.index == key.index; });
    if (found == m_rounds.end()) {
        return std::nullopt;
    }
    Rollouts round = std::move(*found);
    m_rounds.erase(found);
    return round;
}

void WaitingRounds::save(rl::LearnerState& state) const {
    Json all = Json::array();
    for (std::size_t place = 0; place < m_rounds.size(); ++place) {
        const Rollouts& round = m_rounds[place];
        all.push_back(numbersOf(round));
        for (std::size_t i = 0; i < round.states.size(); ++i) {
            state.add(tensorName(place, "state" + std::to_string(i)), round.states[i]);
        }
        for (std::size_t i = 0; i < round.means.size(); ++i) {
            state.add(tensorName(place, "mean" + std::to_string(i)), round.means[i]);
        }
        state.add(tensorName(place, "log_probs"), round.logProbs);
    }
    state.values[kWaiting] = std::move(all);
}

void WaitingRounds::restore(const rl::LearnerState& state, std::size_t prompts, at::Device device) {
    const Json& all = state.value(kWaiting);
    m_rounds.clear();
    try {
        for (std::size_t place = 0; place < all.size(); ++place) {
            m_rounds.push_back(readRound(state, place, all.at(place), device));
        }
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, std::string("the checkpoint is damaged: the rounds that wait for their rewards cannot be read: ") + problem.what());
    }
    const auto isKnown = [prompts](std::int64_t prompt) { return prompt >= 0 && static_cast<std::size_t>(prompt) < prompts; };
    if (!std::ranges::all_of(m_rounds, [&](const Rollouts& round) { return std::ranges::all_of(round.prompt, isKnown); })) {
        throw Error(ErrorKind::Config,
                    "rounds that wait for their rewards have prompts that the list, of " + std::to_string(prompts) +
                        " now, has lost; put the lines back, or train a new run",
                    {.setting = "prompts.train"});
    }
}

}  // namespace rlcm::learn
