#include "core/learn/pair_rows.h"

#include "core/tensor/torch.h"

namespace rlcm::learn {

std::vector<Pair> pairsOf(std::span<const std::int64_t> rows, std::span<const std::int64_t> steps) {
    std::vector<Pair> pairs;
    for (const std::int64_t row : rows) {
        for (const std::int64_t step : steps) {
            pairs.push_back({row, step});
        }
    }
    return pairs;
}

Transitions startsOf(const RoundParts& parts, const Rollouts& round, std::span<const Pair> pairs) {
    std::vector<std::int64_t> steps, prompts;
    std::vector<at::Tensor> x;
    for (const Pair& pair : pairs) {
        steps.push_back(pair.step);
        prompts.push_back(round.prompt[static_cast<std::size_t>(pair.row)]);
        x.push_back(round.states[static_cast<std::size_t>(pair.step)][pair.row]);
    }
    const at::Tensor states = at::stack(x);
    return {.step = at::tensor(steps).to(parts.sampler.device()),
            .x = states,
            .next = {},
            .condition = parts.sampler.condition(parts.prompts, prompts, states.sizes())};
}

PairRows gather(const RoundParts& parts, const Rollouts& round, std::span<const Pair> pairs) {
    std::vector<std::int64_t> rows;
    std::vector<at::Tensor> next, means;
    for (const Pair& pair : pairs) {
        rows.push_back(pair.row);
        next.push_back(round.states[static_cast<std::size_t>(pair.step) + 1][pair.row]);
        if (!round.means.empty()) {
            means.push_back(round.means[static_cast<std::size_t>(pair.step)][pair.row]);
        }
    }
    PairRows result{startsOf(parts, round, pairs), {}, means.empty() ? at::Tensor() : at::stack(means)};
    const Transitions& transitions = result.transitions;
    result.transitions.next = at::stack(next);
    const at::Tensor row = at::tensor(rows).to(parts.sampler.device());
    result.oldLogProb = round.logProbs.flatten().index_select(0, row * round.logProbs.size(1) + transitions.step);
    return result;
}

}  // namespace rlcm::learn
