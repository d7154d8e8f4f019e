#pragma once
// What the small files beside a CLIP vocabulary say.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/data/added_tokens.h"

namespace rlcm::data {

constexpr std::int64_t kMaxTokenId = std::int64_t{1} << 31;

/// What to do when files of a tokenizer are refused.
constexpr const char* kTokenizerAdvice = "Correct that file of the tokenizer, or take the whole tokenizer folder from where the model is from.";

struct TokenizerSettings {
    std::string start, end, unknown, pad;  ///< contents of the named tokens
    std::vector<AddedToken> added;         ///< in the order in which new ones get their ids; of equal contents the last counts
    std::int64_t maxLength = 77;
};

/// Reads tokenizer_config.json, special_tokens_map.json and added_tokens.json of a folder, each optional, with transformers' precedence;
/// `tokenizerJson`: the contents of tokenizer.json or an empty object. throws: Io; Format for settings that are not honoured and for added
/// tokens that one file has and another would hide.
TokenizerSettings readTokenizerSettings(const std::filesystem::path& folder, const Json& tokenizerJson);

}  // namespace rlcm::data
