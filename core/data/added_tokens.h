#pragma once
// Tokens that were added to a tokenizer's vocabulary and are cut out of a text before its words are.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rlcm::data {

/// As transformers stores them.
struct AddedToken {
    std::string content;
    bool isSingleWord = false;                     ///< not beside a letter or digit
    bool stripsLeft = false, stripsRight = false;  ///< takes the white space beside it with it
    bool isNormalized = true;                      ///< looked for after lower-casing instead of in the text as typed
    bool isSpecial = false;
    std::optional<std::int64_t> id;  ///< as stated in the file
};

/// Finds added tokens in texts. Immutable once filled. thread: any.
class AddedTokens {
public:
    using Symbol = std::int32_t;
    /// A part of a text: an added token, or what lies between.
    struct Piece {
        std::optional<Symbol> token;
        std::string text;  ///< normalised; empty for a token
    };
    /// A token that was added before under the same symbol is replaced; what was special stays so.
    void add(const AddedToken& token, Symbol symbol);
    /// After the last add(), before the first split().
    void finish();
    /// Whether a text that is decoded without special tokens lacks it: the library compares what it decoded, so only one that is not
    /// changed by normalising.
    bool isLeftOut(Symbol symbol) const;
    /// What a token is decoded to, or null for a symbol that was not added: in lower case where it is looked for so.
    const std::string* textOf(Symbol symbol) const;
    /// The parts of a text in their order. Tokens as typed are cut out first, then the rest is normalised and the others are cut out; the
    /// leftmost wins, of several there the longest. source: AddedVocabulary of huggingface/tokenizers 0.23, tested against golden/added_tokens.
    std::vector<Piece> split(std::string_view text) const;

private:
    struct Entry {
        AddedToken token;
        Symbol symbol;
        std::string pattern;  ///< what is looked for
    };
    /// Places in m_entries by the first byte of the pattern, longest first.
    using Index = std::array<std::vector<std::size_t>, 256>;
    void cut(std::string_view text, const Index& index, std::vector<Piece>& out) const;

    std::vector<Entry> m_entries;
    std::unordered_map<Symbol, std::size_t> m_places;  // in m_entries
    Index m_asTyped, m_normalized;
};

}  // namespace rlcm::data
