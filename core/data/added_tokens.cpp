#include "core/data/added_tokens.h"

#include <algorithm>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "core/data/text_rules.h"

namespace rlcm::data {
namespace {

/// \w of Rust's regular expressions.
bool isOfWord(UChar32 c) {
    constexpr std::uint32_t kMarksDigitsJoiners = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
    return u_isUAlphabetic(c) != 0 || (U_GET_GC_MASK(c) & kMarksDigitsJoiners) != 0 || c == 0x200C || c == 0x200D;
}

/// The character at `at`, which is moved behind it.
UChar32 nextOf(std::string_view text, std::size_t& at) {
    UChar32 c = 0;
    auto place = static_cast<std::int32_t>(at);
    U8_NEXT_OR_FFFD(reinterpret_cast<const std::uint8_t*>(text.data()), place, static_cast<std::int32_t>(text.size()), c);
    at = static_cast<std::size_t>(place);
    return c;
}

/// The last character; `start` gets its first byte.
UChar32 lastOf(std::string_view text, std::size_t& start) {
    UChar32 c = 0;
    auto at = static_cast<std::int32_t>(text.size());
    U8_PREV_OR_FFFD(reinterpret_cast<const std::uint8_t*>(text.data()), 0, at, c);
    start = static_cast<std::size_t>(at);
    return c;
}

bool standsAlone(std::string_view before, std::string_view after) {
    std::size_t ignored = 0, start = 0;
    return (before.empty() || !isOfWord(lastOf(before, ignored))) && (after.empty() || !isOfWord(nextOf(after, start)));
}

std::size_t withoutBlanksAtEnd(std::string_view text) {
    std::size_t end = text.size(), start = 0;
    while (end > 0 && u_isUWhiteSpace(lastOf(text.substr(0, end), start)) != 0) {
        end = start;
    }
    return end;
}

std::size_t blanksAtStart(std::string_view text) {
    std::size_t end = 0, next = 0;
    while (next < text.size() && u_isUWhiteSpace(nextOf(text, next)) != 0) {
        end = next;
    }
    return end;
}

}  // namespace

void AddedTokens::add(const AddedToken& token, Symbol symbol) {
    const auto [place, isNew] = m_places.try_emplace(symbol, m_entries.size());
    const Entry entry{token, symbol, token.isNormalized ? normalised(token.content) : token.content};
    if (isNew) {
        m_entries.push_back(entry);
        return;
    }
    Entry& known = m_entries[place->second];
    const bool wasSpecial = known.token.isSpecial;
    known = entry;
    known.token.isSpecial = token.isSpecial || wasSpecial;
}

void AddedTokens::finish() {
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const Entry& entry = m_entries[i];
        Index& index = entry.token.isNormalized ? m_normalized : m_asTyped;
        if (!entry.pattern.empty()) {
            index[static_cast<unsigned char>(entry.pattern.front())].push_back(i);
        }
    }
    for (Index* index : {&m_asTyped, &m_normalized}) {
        for (std::vector<std::size_t>& places : *index) {
            std::stable_sort(places.begin(), places.end(),
                             [&](std::size_t a, std::size_t b) { return m_entries[a].pattern.size() > m_entries[b].pattern.size(); });
        }
    }
}

bool AddedTokens::isLeftOut(Symbol symbol) const {
    const auto place = m_places.find(symbol);
    return place != m_places.end() && m_entries[place->second].token.isSpecial && m_entries[place->second].pattern == m_entries[place->second].token.content;
}

const std::string* AddedTokens::textOf(Symbol symbol) const {
    const auto place = m_places.find(symbol);
    return place == m_places.end() ? nullptr : &m_entries[place->second].pattern;
}

void AddedTokens::cut(std::string_view text, const Index& index, std::vector<Piece>& out) const {
    std::size_t kept = 0;  // what lies before has become pieces
    for (std::size_t at = 0; at < text.size();) {
        const std::vector<std::size_t>& places = index[static_cast<unsigned char>(text[at])];
        const auto found = std::find_if(places.begin(), places.end(), [&](std::size_t i) { return text.substr(at).starts_with(m_entries[i].pattern); });
        if (found == places.end()) {
            ++at;
            continue;
        }
        const Entry& entry = m_entries[*found];
        std::size_t begin = at, end = at + entry.pattern.size();
        at = end;  // also where a neighbour forbids it: it is not looked for again inside itself
        if (end <= kept) {
            continue;  // white space that the token before it took
        }
        if (entry.token.isSingleWord && !standsAlone(text.substr(0, begin), text.substr(end))) {
            continue;
        }
        begin = entry.token.stripsLeft ? std::max(withoutBlanksAtEnd(text.substr(0, begin)), kept) : begin;
        end += entry.token.stripsRight ? blanksAtStart(text.substr(end)) : 0;
        if (begin > kept) {
            out.push_back({std::nullopt, std::string(text.substr(kept, begin - kept))});
        }
        out.push_back({entry.symbol, {}});
        kept = end;
    }
    if (kept < text.size()) {
        out.push_back({std::nullopt, std::string(text.substr(kept))});
    }
}

std::vector<AddedTokens::Piece> AddedTokens::split(std::string_view text) const {
    std::vector<Piece> asTyped, pieces;
    cut(text, m_asTyped, asTyped);
    for (Piece& piece : asTyped) {
        if (piece.token) {
            pieces.push_back(std::move(piece));
        } else {
            cut(normalised(piece.text), m_normalized, pieces);
        }
    }
    return pieces;
}

}  // namespace rlcm::data
