#pragma once
// CLIP's rules for cutting text into words, without any vocabulary. thread: any.
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::data {

/// UTF-8 words (never empty) of a text: NFC, white space folded, lower case code point by code point, then
/// 's 't 're 've 'm 'll 'd | letters | one number | anything else but white space. Broken UTF-8 becomes
/// U+FFFD. source: CLIPTokenizerFast's normaliser and pattern, tested against golden/tokenizer_*.
std::vector<std::string> splitWords(std::string_view text);
/// The printable code point that stands for each byte: itself where it is printable Latin-1, else 256 and up.
std::array<char32_t, 256> byteCodePoints();
/// UTF-8 of one code point.
std::string utf8(char32_t codePoint);

}  // namespace rlcm::data
