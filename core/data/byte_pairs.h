#pragma once
// Byte-pair merging of the symbols of one word.
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace rlcm::data {

/// Ranked merges of neighbouring symbols. Immutable once filled. thread: any, then.
class BytePairs {
public:
    using Symbol = std::int32_t;
    static constexpr Symbol kNone = -1;  ///< a piece without a symbol; never merged

    /// Adds a merge behind those already there; a repeated pair keeps its first rank.
    void add(Symbol left, Symbol right, Symbol result);
    /// Merges the lowest rank first, equal ranks from left to right, until no ranked pair is left. O(n log
    /// n).
    std::vector<Symbol> apply(const std::vector<Symbol>& word) const;

private:
    struct Merge {
        std::int32_t rank;
        Symbol result;
    };
    const Merge* find(Symbol left, Symbol right) const;
    std::unordered_map<std::uint64_t, Merge> m_merges;
};

}  // namespace rlcm::data
