#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::data {

/// CLIP's byte-level BPE tokenizer, as CLIPTokenizerFast: special and other added tokens are cut out first, NFC, white space folded,
/// lower case code point by code point. Immutable after loading. thread: any.
class Tokenizer {
public:
    /// Reads vocab.json, merges.txt (or tokenizer.json), and as far as they are there tokenizer_config.json, special_tokens_map.json,
    /// added_tokens.json and the added tokens of tokenizer.json. throws: Io; Format, also for settings that are not honoured.
    static Tokenizer load(const std::filesystem::path& folder);
    ~Tokenizer();
    Tokenizer(Tokenizer&&) noexcept;

    /// Start + content + end, neither cut nor padded.
    std::vector<std::int64_t> encode(std::string_view text) const;
    /// Exactly `length` ids: content cut to length - 2, end token kept, padded with the folder's pad token.
    std::vector<std::int64_t> encodePadded(std::string_view text, std::int64_t length) const;
    /// model_max_length of the folder.
    std::int64_t maxLength() const;
    /// One more than the largest id: rows that an embedding table must have.
    std::int64_t idLimit() const;
    /// Text of the first `n` tokens of `text` (start token counted) without special tokens, as the reference code's
    /// prompt key. source: RLCM prompt statistics, golden/tokenizer_clip prompt_key_50.
    std::string promptKey(std::string_view text, std::int64_t n = 50) const;

private:
    struct Impl;
    explicit Tokenizer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::data
