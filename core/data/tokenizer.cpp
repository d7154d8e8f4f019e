#include "core/data/tokenizer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/byte_pairs.h"
#include "core/data/text_rules.h"

namespace rlcm::data {
namespace {

namespace fs = std::filesystem;

using Symbol = BytePairs::Symbol;  // position of a token in Impl::symbols
constexpr Symbol kNone = BytePairs::kNone;
constexpr std::string_view kEndOfWord = "</w>";
constexpr std::int64_t kDefaultMaxLength = 77;
constexpr std::int64_t kMaxId = std::int64_t{1} << 31;

/// The text of a special token: a string, or an object with `content`.
std::optional<std::string> tokenText(const Json& config, const char* key) {
    if (!config.is_object() || !config.contains(key)) {
        return std::nullopt;
    }
    const Json& value = config[key];
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_object() && value.contains("content") && value["content"].is_string()) {
        return value["content"].get<std::string>();
    }
    return std::nullopt;
}

Json readIfThere(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(file, ignored) ? readJsonFile(file) : Json::object();
}

}  // namespace

struct Tokenizer::Impl {
    std::string where;
    std::vector<std::string> symbols;
    std::vector<std::int64_t> ids;
    std::unordered_map<std::string, Symbol> bySymbol;
    BytePairs merges;
    std::array<Symbol, 256> byteInside{}, byteLast{};
    std::unordered_map<char32_t, char> byteOf;
    std::vector<Symbol> specials;
    Symbol start = kNone, end = kNone, unknown = kNone, pad = kNone;
    std::int64_t maxLength = kDefaultMaxLength;

    [[noreturn]] void refuse(const std::string& rule) const {
        throw Error(ErrorKind::Format, where + " is not a CLIP tokenizer: " + rule);
    }
    Symbol find(const std::string& text) const {
        const auto found = bySymbol.find(text);
        return found == bySymbol.end() ? kNone : found->second;
    }

    void addToken(const std::string& text, const Json& id);
    void addVocabulary(const Json& vocabulary);
    void addMerge(const std::string& left, const std::string& right);
    void readMergesFile(const fs::path& file);
    void readTokenizerJson(const Json& json);
    void readConfig(const fs::path& folder);
    void makeByteTables();

    void encodePlain(std::string_view text, std::vector<Symbol>& out) const;
    std::vector<Symbol> encodeContent(std::string_view text) const;
    std::int64_t idOf(Symbol symbol) const { return ids[static_cast<std::size_t>(symbol)]; }
    void appendBytes(Symbol symbol, std::string& out) const;
};

void Tokenizer::Impl::addToken(const std::string& text, const Json& id) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= std::uint64_t{kMaxId}) {
        refuse("the token \"" + text + "\" has the id " + id.dump());
    }
    if (bySymbol.emplace(text, static_cast<Symbol>(symbols.size())).second) {
        symbols.push_back(text);
        ids.push_back(id.get<std::int64_t>());
    }
}

void Tokenizer::Impl::addVocabulary(const Json& vocabulary) {
    if (!vocabulary.is_object() || vocabulary.empty()) {
        refuse("the vocabulary is not a JSON object of tokens and ids");
    }
    bySymbol.reserve(vocabulary.size());
    for (const auto& [text, id] : vocabulary.items()) {
        addToken(text, id);
    }
}

void Tokenizer::Impl::addMerge(const std::string& left, const std::string& right) {
    const Symbol a = find(left), b = find(right), result = find(left + right);
    if (a == kNone || b == kNone || result == kNone) {
        refuse("the merge \"" + left + " " + right + "\" names a token that is not in the vocabulary");
    }
    merges.add(a, b, result);
}

void Tokenizer::Impl::readMergesFile(const fs::path& file) {
    const std::string text = readFile(file, std::size_t{16} << 20);
    std::size_t line = 0;
    for (std::size_t at = 0; at < text.size(); ++line) {
        const std::size_t stop = std::min(text.find('\n', at), text.size());
        std::string_view row(text.data() + at, stop - at);
        at = stop + 1;
        if (!row.empty() && row.back() == '\r') {
            row.remove_suffix(1);
        }
        if (row.empty() || (line == 0 && row.substr(0, 9) == "#version:")) {
            continue;
        }
        const std::size_t space = row.find(' ');
        if (space == std::string_view::npos || row.find(' ', space + 1) != std::string_view::npos) {
            refuse("line " + std::to_string(line + 1) + " of merges.txt is not two tokens");
        }
        addMerge(std::string(row.substr(0, space)), std::string(row.substr(space + 1)));
    }
}

void Tokenizer::Impl::readTokenizerJson(const Json& json) {
    const Json model = json.is_object() ? json.value("model", Json::object()) : Json();
    if (!model.is_object() || model.value("type", Json()) != "BPE" ||
        model.value("end_of_word_suffix", Json()) != kEndOfWord || !model.contains("vocab") ||
        !model.contains("merges") || !model["merges"].is_array()) {
        refuse("tokenizer.json holds no BPE model with the end-of-word suffix </w>");
    }
    addVocabulary(model["vocab"]);
    for (const Json& merge : model["merges"]) {
        if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
            addMerge(merge[0].get<std::string>(), merge[1].get<std::string>());
            continue;
        }
        const std::string row = merge.is_string() ? merge.get<std::string>() : std::string();
        const std::size_t space = row.find(' ');
        if (space == std::string::npos) {
            refuse("a merge of tokenizer.json is not two tokens");
        }
        addMerge(row.substr(0, space), row.substr(space + 1));
    }
    for (const Json& token : json.value("added_tokens", Json::array())) {
        const auto text = tokenText(Json{{"token", token}}, "token");
        if (!text || !token.contains("id")) {
            refuse("an added token of tokenizer.json has no content or no id");
        }
        addToken(*text, token["id"]);
        if (token.value("special", Json()) == true) {
            specials.push_back(find(*text));
        }
    }
}

void Tokenizer::Impl::readConfig(const fs::path& folder) {
    const Json config = readIfThere(folder / "tokenizer_config.json");
    const Json map = readIfThere(folder / "special_tokens_map.json");
    const auto special = [&](const char* key, const char* standard) {
        const auto first = tokenText(config, key), second = tokenText(map, key);
        const std::string text = first ? *first : second ? *second : standard;
        const Symbol symbol = find(text);
        if (symbol == kNone || text.empty()) {
            refuse(std::string("the ") + key + " \"" + text + "\" is not in the vocabulary");
        }
        specials.push_back(symbol);
        return symbol;
    };
    start = special("bos_token", "<|startoftext|>");
    end = special("eos_token", "<|endoftext|>");
    unknown = special("unk_token", "<|endoftext|>");
    pad = special("pad_token", "<|endoftext|>");
    // Longest first, so that a token that begins like another one wins.
    std::sort(specials.begin(), specials.end(), [&](Symbol a, Symbol b) {
        const auto& left = symbols[static_cast<std::size_t>(a)];
        const auto& right = symbols[static_cast<std::size_t>(b)];
        return left.size() != right.size() ? left.size() > right.size() : a < b;
    });
    specials.erase(std::unique(specials.begin(), specials.end()), specials.end());

    const Json length = config.is_object() ? config.value("model_max_length", Json()) : Json();
    // Absent, or the library's 1e30 for "no limit": CLIP has 77 positions.
    const bool isLimit = length.is_number_unsigned() && length.get<std::uint64_t>() < std::uint64_t{kMaxId};
    maxLength = isLimit ? length.get<std::int64_t>() : kDefaultMaxLength;
    if (maxLength < 2) {
        refuse("model_max_length " + std::to_string(maxLength) +
               " leaves no room for the start and end tokens");
    }
}

void Tokenizer::Impl::makeByteTables() {
    const auto codePoints = byteCodePoints();
    for (std::size_t byte = 0; byte < codePoints.size(); ++byte) {
        const std::string text = utf8(codePoints[byte]);
        byteInside[byte] = find(text);
        byteLast[byte] = find(text + std::string(kEndOfWord));
        byteOf[codePoints[byte]] = static_cast<char>(byte);
    }
}

void Tokenizer::Impl::encodePlain(std::string_view text, std::vector<Symbol>& out) const {
    for (const std::string& word : splitWords(text)) {
        std::vector<Symbol> pieces;
        for (const char c : word) {
            pieces.push_back(byteInside[static_cast<unsigned char>(c)]);
        }
        pieces.back() = byteLast[static_cast<unsigned char>(word.back())];
        for (const Symbol symbol : merges.apply(pieces)) {
            out.push_back(symbol == kNone ? unknown : symbol);
        }
    }
}

/// Special tokens are cut out of the raw text, so they keep their case; what lies between is plain text.
std::vector<Symbol> Tokenizer::Impl::encodeContent(std::string_view text) const {
    std::vector<Symbol> out;
    while (true) {
        std::size_t first = std::string_view::npos;
        Symbol which = kNone;
        for (const Symbol special : specials) {
            const std::size_t at = text.find(symbols[static_cast<std::size_t>(special)]);
            if (at < first) {
                first = at;
                which = special;
            }
        }
        encodePlain(text.substr(0, first), out);
        if (which == kNone) {
            return out;
        }
        out.push_back(which);
        text.remove_prefix(first + symbols[static_cast<std::size_t>(which)].size());
    }
}

/// The bytes that a token stands for; the end-of-word mark stays as its four characters.
void Tokenizer::Impl::appendBytes(Symbol symbol, std::string& out) const {
    const std::string& text = symbols[static_cast<std::size_t>(symbol)];
    const auto wide = icu::UnicodeString::fromUTF8(text);
    std::string bytes;
    for (std::int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
        const auto found = byteOf.find(static_cast<char32_t>(wide.char32At(i)));
        if (found == byteOf.end()) {
            out += text;
            return;
        }
        bytes.push_back(found->second);
    }
    out += bytes;
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;

Tokenizer Tokenizer::load(const fs::path& folder) {
    auto impl = std::make_unique<Impl>();
    impl->where = folder.string();
    std::error_code ignored;
    if (fs::exists(folder / "vocab.json", ignored)) {
        impl->addVocabulary(readJsonFile(folder / "vocab.json"));
        impl->readMergesFile(folder / "merges.txt");
    } else if (fs::exists(folder / "tokenizer.json", ignored)) {
        impl->readTokenizerJson(readJsonFile(folder / "tokenizer.json"));
    } else {
        throw Error(ErrorKind::Io,
                    folder.string() + " holds no tokenizer: neither vocab.json nor tokenizer.json is there");
    }
    impl->readConfig(folder);
    impl->makeByteTables();
    return Tokenizer(std::move(impl));
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text) const {
    std::vector<std::int64_t> ids{m_impl->idOf(m_impl->start)};
    for (const Symbol symbol : m_impl->encodeContent(text)) {
        ids.push_back(m_impl->idOf(symbol));
    }
    ids.push_back(m_impl->idOf(m_impl->end));
    return ids;
}

std::vector<std::int64_t> Tokenizer::encodePadded(std::string_view text, std::int64_t length) const {
    if (length < 2) {
        throw Error(
            ErrorKind::Shape,
            "a token list of " + std::to_string(length) + " ids has no room for the start and end tokens");
    }
    std::vector<std::int64_t> ids = encode(text);
    const auto wanted = static_cast<std::size_t>(length);
    if (ids.size() > wanted) {
        ids.resize(wanted);
        ids.back() = m_impl->idOf(m_impl->end);
    }
    ids.resize(wanted, m_impl->idOf(m_impl->pad));
    return ids;
}

std::int64_t Tokenizer::maxLength() const {
    return m_impl->maxLength;
}

std::int64_t Tokenizer::idLimit() const {
    return *std::max_element(m_impl->ids.begin(), m_impl->ids.end()) + 1;
}

std::string Tokenizer::promptKey(std::string_view text, std::int64_t n) const {
    std::vector<Symbol> content = m_impl->encodeContent(text);
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(n - 2, 0));
    content.resize(std::min(content.size(), room));
    std::string bytes;
    for (const Symbol symbol : content) {
        if (std::find(m_impl->specials.begin(), m_impl->specials.end(), symbol) == m_impl->specials.end()) {
            m_impl->appendBytes(symbol, bytes);
        }
    }
    // A cut inside a character leaves broken UTF-8; the conversion puts U+FFFD there, as the library does.
    auto key = icu::UnicodeString::fromUTF8(bytes);
    key.findAndReplace(
        icu::UnicodeString::fromUTF8({kEndOfWord.data(), static_cast<std::int32_t>(kEndOfWord.size())}),
        u" ");
    const auto isBlank = [](UChar c) { return u_isUWhiteSpace(c) != 0 || (c >= 0x1C && c <= 0x1F); };
    std::int32_t first = 0, last = key.length();
    while (first < last && isBlank(key[first])) {
        ++first;
    }
    while (last > first && isBlank(key[last - 1])) {
        --last;
    }
    std::string result;
    key.tempSubStringBetween(first, last).toUTF8String(result);
    return result;
}

}  // namespace rlcm::data
