#include "core/data/text_rules.h"

#include <algorithm>

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

icu::UnicodeString wide(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
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

std::string normalised(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    ensure(U_SUCCESS(status), "ICU has its normalisation data");
    const icu::UnicodeString composed = nfc->normalize(wide(text), status);
    icu::UnicodeString out;
    for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
        const UChar32 c = composed.char32At(i);
        if (u_isUWhiteSpace(c) != 0) {
            if (out.isEmpty() || out[out.length() - 1] != u' ') {
                out.append(u' ');
            }
        } else if (c == 0x130) {
            out.append(u"i\u0307", 2);  // the one code point whose lower case is two
        } else {
            out.append(u_tolower(c));
        }
    }
    std::string bytes;
    return out.toUTF8String(bytes);
}

std::vector<std::string> splitWords(std::string_view normalisedText) {
    const icu::UnicodeString text = wide(normalisedText);
    std::u32string clean;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        clean.push_back(static_cast<char32_t>(text.char32At(i)));
    }
    std::vector<std::string> words;
    std::size_t literalEnd = 0;  // a special token that was not cut out, as in other case, is a unit that is then cut like other text
    for (std::size_t at = 0; at < clean.size();) {
        if (clean[at] == U' ') {
            ++at;
            continue;
        }
        for (const std::u32string_view literal : {U"<|startoftext|>", U"<|endoftext|>"}) {
            literalEnd = clean.compare(at, literal.size(), literal) == 0 ? at + literal.size() : literalEnd;
        }
        const std::size_t length = at < literalEnd ? std::min(wordLength(clean, at), literalEnd - at) : wordLength(clean, at);
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
