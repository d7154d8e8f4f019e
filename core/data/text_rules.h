#pragma once
// CLIP's rules for cutting text into words, without any vocabulary. thread: any.
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::data {

/// NFC, runs of white space to one space, lower case by the simple mapping of each code point (no final-sigma rule). Broken UTF-8
/// becomes U+FFFD. source: CLIPTokenizerFast's normaliser, tested against golden/tokenizer_*.
std::string normalised(std::string_view text);
/// UTF-8 words (never empty) of a normalised text: 's 't 're 've 'm 'll 'd | letters | one number |
/// anything else but white space. source: CLIPTokenizerFast's pattern.
std::vector<std::string> splitWords(std::string_view normalisedText);
/// The printable code point that stands for each byte: itself where it is printable Latin-1, else 256 and up.
std::array<char32_t, 256> byteCodePoints();
/// UTF-8 of one code point.
std::string utf8(char32_t codePoint);

}  // namespace rlcm::data
