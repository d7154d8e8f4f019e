#include "core/data/text_rules.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/base/error.h"

namespace rlcm::data {
namespace {

bool isLetter(char32_t c) {
    return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_L_MASK) != 0;
}
bool isNumber(char32_t c) {
    return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_N_MASK) != 0;
}

/// NFC, runs of white space to one space, lower case by the simple mapping of each code point (no final-sigma
/// rule).
std::u32string normalise(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    ensure(U_SUCCESS(status), "ICU has its normalisation data");
    const auto raw = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
    const icu::UnicodeString composed = nfc->normalize(raw, status);
    std::u32string out;
    for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
        const UChar32 c = composed.char32At(i);
        if (u_isUWhiteSpace(c) != 0) {
            if (out.empty() || out.back() != U' ') {
                out.push_back(U' ');
            }
        } else if (c == 0x130) {
            out += U"i\u0307";  // the one code point whose lower case is two
        } else {
            out.push_back(static_cast<char32_t>(u_tolower(c)));
        }
    }
    return out;
}

/// Length of the word at `at`: 's 't 're 've 'm 'll 'd | letters | one number | others but spaces.
std::size_t wordLength(const std::u32string& text, std::size_t at) {
    for (const std::u32string_view tail : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
        if (text.compare(at, tail.size(), tail) == 0) {
            return tail.size();
        }
    }
    if (isNumber(text[at])) {
        return 1;
    }
    const bool isWord = isLetter(text[at]);
    std::size_t end = at;
    while (end < text.size() && text[end] != U' ' && !isNumber(text[end]) && isLetter(text[end]) == isWord) {
        ++end;
    }
    return end - at;
}

}  // namespace

std::string utf8(char32_t codePoint) {
    std::string bytes;
    icu::UnicodeString(static_cast<UChar32>(codePoint)).toUTF8String(bytes);
    return bytes;
}

std::array<char32_t, 256> byteCodePoints() {
    std::array<char32_t, 256> table{};
    char32_t spare = 256;
    for (char32_t byte = 0; byte < 256; ++byte) {
        const bool isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        table[byte] = isPrintable ? byte : spare++;
    }
    return table;
}

std::vector<std::string> splitWords(std::string_view text) {
    const std::u32string clean = normalise(text);
    std::vector<std::string> words;
    for (std::size_t at = 0; at < clean.size();) {
        if (clean[at] == U' ') {
            ++at;
            continue;
        }
        const std::size_t length = wordLength(clean, at);
        std::string word;
        for (std::size_t i = at; i < at + length; ++i) {
            word += utf8(clean[i]);
        }
        words.push_back(std::move(word));
        at += length;
    }
    return words;
}

}  // namespace rlcm::data
