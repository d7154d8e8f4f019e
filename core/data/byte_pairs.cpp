#include "core/data/byte_pairs.h"

#include <cstddef>
#include <functional>
#include <queue>

namespace rlcm::data {
namespace {

std::uint64_t pairKey(BytePairs::Symbol left, BytePairs::Symbol right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

constexpr std::size_t kEnd = static_cast<std::size_t>(-1);

/// The word as a linked list, so that a merge costs no copying.
struct Node {
    BytePairs::Symbol symbol;
    std::size_t before, after;
};
struct Candidate {
    std::int32_t rank;
    std::size_t at;
    bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : at > other.at; }
};

}  // namespace

void BytePairs::add(Symbol left, Symbol right, Symbol result) {
    m_merges.emplace(pairKey(left, right), Merge{static_cast<std::int32_t>(m_merges.size()), result});
}

const BytePairs::Merge* BytePairs::find(Symbol left, Symbol right) const {
    const auto found = m_merges.find(pairKey(left, right));
    return left == kNone || right == kNone || found == m_merges.end() ? nullptr : &found->second;
}

std::vector<BytePairs::Symbol> BytePairs::apply(const std::vector<Symbol>& word) const {
    std::vector<Node> nodes;
    for (std::size_t i = 0; i < word.size(); ++i) {
        nodes.push_back({word[i], i == 0 ? kEnd : i - 1, i + 1 == word.size() ? kEnd : i + 1});
    }
    const auto mergeAt = [&](std::size_t i) {
        const bool isPair = i != kEnd && nodes[i].after != kEnd;
        return isPair ? find(nodes[i].symbol, nodes[nodes[i].after].symbol) : nullptr;
    };
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
    const auto offer = [&](std::size_t i) {
        if (const Merge* merge = mergeAt(i)) {
            queue.push({merge->rank, i});
        }
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        offer(i);
    }
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        const Merge* merge = mergeAt(best.at);
        if (merge == nullptr || merge->rank != best.rank) {
            continue;  // a neighbour was merged away meanwhile
        }
        Node& left = nodes[best.at];
        Node& right = nodes[left.after];
        left.symbol = merge->result;
        left.after = right.after;
        right = {kNone, kEnd, kEnd};
        if (left.after != kEnd) {
            nodes[left.after].before = best.at;
        }
        offer(best.at);
        offer(left.before);
    }
    std::vector<Symbol> merged;
    for (std::size_t i = nodes.empty() ? kEnd : 0; i != kEnd; i = nodes[i].after) {
        merged.push_back(nodes[i].symbol);
    }
    return merged;
}

}  // namespace rlcm::data
