#include "core/data/tokenizer.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/lfs_pointer.h"
#include "core/data/added_tokens.h"
#include "core/data/byte_pairs.h"
#include "core/data/text_rules.h"
#include "core/data/tokenizer_settings.h"

namespace rlcm::data {
namespace {

namespace fs = std::filesystem;

using Symbol = BytePairs::Symbol;  // position of a token in Impl::symbols
constexpr Symbol kNone = BytePairs::kNone;
constexpr std::string_view kEndOfWord = "</w>";

}  // namespace

struct Tokenizer::Impl {
    std::string where;
    std::vector<std::string> symbols;
    std::vector<std::int64_t> ids;
    std::unordered_map<std::string, Symbol> bySymbol;
    BytePairs merges;
    std::array<Symbol, 256> byteInside{}, byteLast{};
    std::unordered_map<char32_t, char> byteOf;
    AddedTokens added;
    Symbol vocabularySize = 0;  ///< symbols before any was added
    std::int64_t nextId = 0;    ///< behind the largest id of an added token
    Symbol start = kNone, end = kNone, unknown = kNone, pad = kNone;
    std::int64_t maxLength = 0;

    [[noreturn]] void refuse(const std::string& rule) const {
        throw Error(ErrorKind::Format, where + " is not a CLIP tokenizer: " + rule, {.advice = kTokenizerAdvice});
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
    void readSettings(const TokenizerSettings& settings);
    void addToken(const AddedToken& token);
    void makeByteTables();

    void encodePlain(std::string_view text, std::vector<Symbol>& out) const;
    std::vector<Symbol> encodeContent(std::string_view text) const;
    std::int64_t idOf(Symbol symbol) const { return ids[static_cast<std::size_t>(symbol)]; }
    void appendBytes(Symbol symbol, std::string& out) const;
};

void Tokenizer::Impl::addToken(const std::string& text, const Json& id) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= std::uint64_t{kMaxTokenId}) {
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
    refuseLfsPointer(text, file.string());
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
    if (!model.is_object() || model.value("type", Json()) != "BPE" || model.value("end_of_word_suffix", Json()) != kEndOfWord || !model.contains("vocab") ||
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
}

/// The id of a token that is not in the vocabulary is the next free one, whatever its file says; where the two differ, the rows of an
/// embedding table are somebody else's.
void Tokenizer::Impl::addToken(const AddedToken& token) {
    if (token.content.empty()) {
        refuse("an added token is empty");
    }
    Symbol symbol = find(token.content);
    if (symbol == kNone) {
        addToken(token.content, Json(static_cast<std::uint64_t>(std::max<std::int64_t>(static_cast<std::int64_t>(symbols.size()), nextId))));
        symbol = find(token.content);
    }
    if (token.id && *token.id != idOf(symbol)) {
        refuse("the added token \"" + token.content + "\" is said to have the id " + std::to_string(*token.id) + ", but its id is " +
               std::to_string(idOf(symbol)) + (symbol < vocabularySize ? " in the vocabulary" : ", the next free one"));
    }
    nextId = symbol < vocabularySize ? nextId : std::max(nextId, idOf(symbol) + 1);
    added.add(token, symbol);
}

void Tokenizer::Impl::readSettings(const TokenizerSettings& settings) {
    vocabularySize = static_cast<Symbol>(symbols.size());
    unknown = find(settings.unknown);
    if (unknown == kNone) {
        refuse("the unk_token \"" + settings.unknown + "\" is not in the vocabulary");
    }
    for (const AddedToken& token : settings.added) {
        addToken(token);
    }
    added.finish();
    start = find(settings.start);
    end = find(settings.end);
    pad = find(settings.pad);
    maxLength = settings.maxLength;
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

std::vector<Symbol> Tokenizer::Impl::encodeContent(std::string_view text) const {
    std::vector<Symbol> out;
    for (const AddedTokens::Piece& piece : added.split(text)) {
        if (piece.token) {
            out.push_back(*piece.token);
        } else {
            encodePlain(piece.text, out);
        }
    }
    return out;
}

/// The bytes that a token stands for; the end-of-word mark stays as its four characters.
void Tokenizer::Impl::appendBytes(Symbol symbol, std::string& out) const {
    const std::string* addedText = added.textOf(symbol);
    const std::string& text = addedText != nullptr ? *addedText : symbols[static_cast<std::size_t>(symbol)];
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
    const bool hasSingleFile = fs::exists(folder / "tokenizer.json", ignored);
    const Json single = hasSingleFile ? readPythonJsonFile(folder / "tokenizer.json") : Json::object();
    if (fs::exists(folder / "vocab.json", ignored)) {
        impl->addVocabulary(readPythonJsonFile(folder / "vocab.json"));
        impl->readMergesFile(folder / "merges.txt");
    } else if (hasSingleFile) {
        impl->readTokenizerJson(single);
    } else {
        throw Error(ErrorKind::Io, folder.string() + " holds no tokenizer: neither vocab.json nor tokenizer.json is there");
    }
    impl->readSettings(readTokenizerSettings(folder, single.is_object() ? single : Json::object()));
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
        throw Error(ErrorKind::Shape, "a token list of " + std::to_string(length) + " ids has no room for the start and end tokens");
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
        if (!m_impl->added.isLeftOut(symbol)) {
            m_impl->appendBytes(symbol, bytes);
        }
    }
    // A cut inside a character leaves broken UTF-8; the conversion puts U+FFFD there, as the library does.
    auto key = icu::UnicodeString::fromUTF8(bytes);
    key.findAndReplace(icu::UnicodeString::fromUTF8({kEndOfWord.data(), static_cast<std::int32_t>(kEndOfWord.size())}), u" ");
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
