#include "core/nn/lora.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/nn/merged_projection.h"
#include "core/nn/weights.h"
#include "core/tensor/torch.h"

namespace rlcm::nn {
namespace {

std::vector<std::string> splitTargets(std::string_view targets) {
    std::vector<std::string> list;
    std::size_t begin = 0;
    while (begin <= targets.size()) {
        const std::size_t comma = std::min(targets.find(',', begin), targets.size());
        std::string_view word = targets.substr(begin, comma - begin);
        while (!word.empty() && word.front() == ' ') {
            word.remove_prefix(1);
        }
        while (!word.empty() && word.back() == ' ') {
            word.remove_suffix(1);
        }
        if (word.empty()) {
            throw Error(ErrorKind::Config, "the LoRA targets \"" + std::string(targets) + "\" hold an empty name; use for example to_q,to_k,to_v,to_out.0");
        }
        list.emplace_back(word);
        begin = comma + 1;
    }
    return list;
}

bool isTarget(std::string_view path, std::string_view target) {
    return path == target || (path.size() > target.size() && path.ends_with(target) && path[path.size() - target.size() - 1] == '.');
}

/// Of each projection whether a target names it.
std::vector<bool> chosenBy(std::string_view targets, const std::vector<Projection>& projections) {
    std::vector<bool> isChosen(projections.size(), false);
    for (const std::string& target : splitTargets(targets)) {
        bool isFound = false;
        for (std::size_t i = 0; i < projections.size(); ++i) {
            if (isTarget(projections[i].path, target)) {
                isChosen[i] = isFound = true;
            }
        }
        if (!isFound) {
            throw Error(ErrorKind::Config, "the LoRA target \"" + target + "\" names no projection of this network; use a list of to_q, to_k, to_v, to_out.0");
        }
    }
    return isChosen;
}

}  // namespace

LoraAdapter::LoraAdapter(std::vector<Projection> projections, std::string_view targets, std::int64_t rank, double alpha, const RandomStreams& streams)
    : m_projections(std::move(projections)), m_targets(targets), m_rank(rank), m_alpha(alpha), m_scale(alpha / static_cast<double>(rank)) {
    if (rank < 1) {
        throw Error(ErrorKind::Config, "the LoRA rank is " + std::to_string(rank) + "; it must be at least 1");
    }
    if (!std::isfinite(alpha)) {
        throw Error(ErrorKind::Config, "the LoRA alpha must be a finite number");
    }
    const std::vector<bool> isChosen = chosenBy(targets, m_projections);
    // A sorted map gives the byte order of the keys, which is the order of the flat vector.
    struct Slot {
        std::size_t pair;
        bool isA;
        std::int64_t rows, columns;
    };
    std::map<std::string, Slot> slots;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < m_projections.size(); ++i) {
        if (!isChosen[i]) {
            continue;
        }
        const std::int64_t out = m_projections[i].weight.size(0), in = m_projections[i].weight.size(1);
        slots[m_projections[i].path + ".lora_A.weight"] = {m_adapted.size(), true, rank, in};
        slots[m_projections[i].path + ".lora_B.weight"] = {m_adapted.size(), false, out, rank};
        total += rank * (in + out);
        m_adapted.push_back(i);
    }
    ensure(slots.size() == 2 * m_adapted.size(), "two projections have the same path");
    at::Tensor initial = at::zeros({total}, at::kFloat);
    std::int64_t offset = 0;
    for (const auto& [key, slot] : slots) {
        const std::int64_t size = slot.rows * slot.columns;
        if (slot.isA) {
            const at::Tensor part = initial.narrow(0, offset, size);
            streams.at(Stream::LoraInit, 0, slot.pair).fillNormal({part.data_ptr<float>(), static_cast<std::size_t>(size)});
            part.div_(static_cast<double>(rank));
        }
        offset += size;
    }
    m_parameters = initial.to(m_projections[m_adapted[0]].weight.device());
    m_pairs.resize(m_adapted.size());
    offset = 0;
    for (const auto& [key, slot] : slots) {
        (slot.isA ? m_pairs[slot.pair].a : m_pairs[slot.pair].b) = m_factors.size();
        m_factors.emplace_back(key, m_parameters.narrow(0, offset, slot.rows * slot.columns).view({slot.rows, slot.columns}));
        offset += slot.rows * slot.columns;
    }
}

std::vector<MergedProjection> LoraAdapter::merged() const {
    std::vector<MergedProjection> result = withoutLora(m_projections);
    for (std::size_t k = 0; k < m_adapted.size(); ++k) {
        at::Tensor& weight = result[m_adapted[k]].weight;
        weight = mergedWeight(weight, m_factors[m_pairs[k].a].second, m_factors[m_pairs[k].b].second, m_scale);
    }
    return result;
}

bool LoraAdapter::changesNothing() const {
    return std::ranges::all_of(m_pairs, [this](const Pair& pair) { return m_factors[pair.b].second.count_nonzero().item<std::int64_t>() == 0; });
}

std::vector<MergedProjection> LoraAdapter::unmerged() const {
    return withoutLora(m_projections);
}

std::vector<MergedProjection> LoraAdapter::withLeaves(std::vector<MergedProjection> merged, std::vector<at::Tensor>& leaves) const {
    for (std::size_t k = 0; k < m_adapted.size(); ++k) {
        MergedProjection& projection = merged[m_adapted[k]];
        projection.down = m_factors[m_pairs[k].a].second.detach().requires_grad_(true);
        projection.up = m_factors[m_pairs[k].b].second.detach().requires_grad_(true);
        projection.scale = m_scale;
        projection.whole = gradientPath(projection);
        leaves.push_back(projection.down);
        leaves.push_back(projection.up);
    }
    return merged;
}

at::Tensor LoraAdapter::gradient(std::span<const at::Tensor> leafGradients) const {
    ensure(leafGradients.size() == 2 * m_adapted.size(), "gradient() wants one tensor per factor");
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> parts(m_factors.size());
    for (std::size_t k = 0; k < m_adapted.size(); ++k) {
        parts[m_pairs[k].a] = leafGradients[2 * k];
        parts[m_pairs[k].b] = leafGradients[2 * k + 1];
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i] = parts[i].defined() ? parts[i].reshape(-1) : at::zeros({m_factors[i].second.numel()}, m_parameters.options());
    }
    return at::cat(parts).to(at::kFloat);
}

void LoraAdapter::assign(const std::vector<std::pair<std::string, at::Tensor>>& factors) {
    std::map<std::string, at::Tensor> given(factors.begin(), factors.end());
    std::string problems;
    for (const auto& [key, view] : m_factors) {
        const auto found = given.find(key);
        if (found == given.end()) {
            problems += "\n  missing: " + key;
        } else if (found->second.sizes() != view.sizes()) {
            problems += "\n  misshaped: " + key + " " + shapeText(found->second.sizes()) + ", wanted " + shapeText(view.sizes());
        }
    }
    const auto isOurs = [&](const std::string& key) {
        return std::any_of(m_factors.begin(), m_factors.end(), [&](const auto& factor) { return factor.first == key; });
    };
    for (const auto& [key, tensor] : given) {
        if (!isOurs(key)) {
            problems += "\n  unexpected: " + key;
        }
    }
    if (!problems.empty()) {
        throw Error(ErrorKind::Format,
                    "the LoRA factors do not fit this network with rank " + std::to_string(m_rank) + " and targets " + m_targets + ":" + problems);
    }
    const at::NoGradGuard noGrad;
    for (const auto& [key, view] : m_factors) {
        view.copy_(given.at(key));
    }
}

}  // namespace rlcm::nn
