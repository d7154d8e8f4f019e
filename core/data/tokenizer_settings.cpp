// source: PreTrainedTokenizerBase._from_pretrained and TokenizersBackend.__init__ of transformers 5.24.
#include "core/data/tokenizer_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>

#include "core/base/error.h"

namespace rlcm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostAdded = 65536;
constexpr std::array<const char*, 7> kNamed{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};
constexpr std::array<const char*, 2> kExtra{"additional_special_tokens", "extra_special_tokens"};
constexpr const char* kDecoder = "added_tokens_decoder";

class SettingsReader {
public:
    SettingsReader(const fs::path& folder, const Json& tokenizerJson)
        : m_folder(folder),
          m_tokenizerJson(tokenizerJson),
          m_config(readIfThere("tokenizer_config.json")),
          m_addedFile(readIfThere("added_tokens.json")),
          m_values(m_config),
          m_hasDecoder(m_config.contains(kDecoder) && !m_config[kDecoder].is_null()) {
        // Where the config lists the added tokens, it is of a version that says all there.
        const Json map = readIfThere("special_tokens_map.json");
        for (const auto& [key, value] : map.items()) {
            if (!m_hasDecoder) {
                m_values[key] = value;
                if (value.is_object() && value.contains("content")) {
                    m_values[key]["special"] = true;
                }
            }
        }
    }

    TokenizerSettings read() {
        checkConfig();
        readListed();
        for (const auto& [id, token] : m_listed) {
            m_settings.added.push_back(token);
        }
        for (const char* key : kNamed) {
            addNamed(key);
        }
        for (const char* key : kExtra) {
            addExtra(key);
        }
        if (m_settings.added.size() > kMostAdded) {
            refuse("it has " + std::to_string(m_settings.added.size()) + " added tokens, more than the limit of " + std::to_string(kMostAdded));
        }
        readLength();
        return std::move(m_settings);
    }

private:
    [[noreturn]] void refuse(const std::string& rule) const {
        throw Error(ErrorKind::Format, m_folder.string() + " is not a CLIP tokenizer: " + rule, {.advice = kTokenizerAdvice});
    }
    Json readIfThere(const char* name) const {
        std::error_code ignored;
        const fs::path file = m_folder / name;
        Json json = fs::exists(file, ignored) ? readPythonJsonFile(file) : Json::object();
        if (!json.is_object()) {
            refuse(std::string(name) + " is not a JSON object");
        }
        return json;
    }
    /// A token as a text or as an object; `isSpecial` where the object does not say.
    AddedToken tokenFrom(const Json& value, const std::string& place, bool isSpecial) const {
        AddedToken token;
        token.isSpecial = isSpecial;
        if (value.is_string()) {
            token.content = value.get<std::string>();
            token.isNormalized = !isSpecial;
            return token;
        }
        if (!value.is_object() || !value.contains("content") || !value["content"].is_string()) {
            refuse(place + " is neither a text nor an object with content");
        }
        const auto flag = [&](const char* key, bool fallback) {
            const Json setting = value.value(key, Json(fallback));
            if (!setting.is_boolean()) {
                refuse(place + ": " + key + " is " + setting.dump() + "; true or false is wanted");
            }
            return setting.get<bool>();
        };
        token.content = value["content"].get<std::string>();
        token.isSpecial = flag("special", isSpecial);
        token.isNormalized = flag("normalized", !token.isSpecial);
        token.isSingleWord = flag("single_word", false);
        token.stripsLeft = flag("lstrip", false);
        token.stripsRight = flag("rstrip", false);
        return token;
    }
    std::int64_t idFrom(const Json& value, const std::string& place) const {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= std::uint64_t{kMaxTokenId}) {
            refuse(place + " has the id " + value.dump());
        }
        return value.get<std::int64_t>();
    }

    void checkConfig() const {
        const auto only = [&](const char* key, std::initializer_list<Json> allowed, const char* why) {
            const auto found = m_config.find(key);
            if (found != m_config.end() && !found->is_null() && std::find(allowed.begin(), allowed.end(), *found) == allowed.end()) {
                refuse(std::string("tokenizer_config.json: \"") + key + "\" is " + found->dump(-1, ' ', true, Json::error_handler_t::replace) + "; " + why);
            }
        };
        only("tokenizer_class", {"CLIPTokenizer", "CLIPTokenizerFast", "TokenizersBackend", "PreTrainedTokenizerFast"}, "only CLIPTokenizer is supported");
        only("padding_side", {"right"}, "only padding on the right is supported");
        only("truncation_side", {"right"}, "only cutting on the right is supported");
        only("split_special_tokens", {false}, "only false is supported");
        only("add_bos_token", {true}, "texts always begin with the start token here");
        only("add_eos_token", {true}, "texts always end with the end token here");
    }

    void list(AddedToken token, std::int64_t id) {
        token.id = id;
        m_listed.insert_or_assign(id, std::move(token));
    }
    /// Every token with an id of its own.
    void readListed() {
        if (m_hasDecoder) {
            readDecoder();
        }
        std::vector<std::string> specials;
        for (const char* key : kNamed) {
            // Objects of the config are not looked into by the library at this place.
            if (const Json value = m_values.value(key, Json()); value.is_string() || (value.is_object() && !value.contains("__type"))) {
                specials.push_back(tokenFrom(value, key, true).content);
            }
        }
        for (const char* key : kExtra) {
            const Json extra = m_values.value(key, Json());
            std::copy_if(extra.begin(), extra.end(), std::back_inserter(specials), [](const Json& value) { return value.is_string(); });
        }
        for (const auto& [text, id] : m_addedFile.items()) {
            const bool isSpecial = std::find(specials.begin(), specials.end(), text) != specials.end();
            place(tokenFrom(text, "added_tokens.json", isSpecial), idFrom(id, "\"" + text + "\" of added_tokens.json"), "added_tokens.json");
        }
        const Json others = m_tokenizerJson.value("added_tokens", Json::array());
        if (!others.is_array()) {
            refuse("added_tokens of tokenizer.json is not a list");
        }
        for (const Json& value : others) {
            if (!value.is_object() || !value.contains("id") || !value.contains("content")) {
                refuse("an added token of tokenizer.json has no content or no id");
            }
            place(tokenFrom(value, "an added token of tokenizer.json", false), idFrom(value["id"], "an added token of tokenizer.json"), "tokenizer.json");
        }
    }
    /// A token of an older file, which counts only where the config lists none.
    void place(AddedToken token, std::int64_t id, const char* file) {
        if (!m_hasDecoder) {
            list(std::move(token), id);
            return;
        }
        const auto known = m_listed.find(id);
        if (known == m_listed.end() || known->second.content != token.content) {
            refuse("\"" + token.content + "\" with the id " + std::to_string(id) + " stands in " + file + ", but not under " + kDecoder +
                   " of tokenizer_config.json, which hides the other file; add it there, or take it out of " + file);
        }
    }
    void readDecoder() {
        const Json& decoder = m_config[kDecoder];
        if (!decoder.is_object()) {
            refuse(std::string(kDecoder) + " is not an object");
        }
        for (const auto& [key, value] : decoder.items()) {
            std::int64_t id = -1;
            const auto [stop, failure] = std::from_chars(key.data(), key.data() + key.size(), id);
            if (failure != std::errc{} || stop != key.data() + key.size() || id < 0 || id >= kMaxTokenId) {
                refuse(std::string(kDecoder) + " has the id \"" + key + "\"");
            }
            list(tokenFrom(value, std::string(kDecoder) + " " + key, false), id);
        }
    }

    AddedToken* findListed(const std::string& content) {
        const auto found = std::find_if(m_settings.added.begin(), m_settings.added.begin() + static_cast<std::ptrdiff_t>(m_listed.size()),
                                        [&](const AddedToken& token) { return token.content == content; });
        return found == m_settings.added.begin() + static_cast<std::ptrdiff_t>(m_listed.size()) ? nullptr : &*found;
    }
    void addNamed(const char* key) {
        const std::string_view name(key);
        std::string* slot = name == "bos_token"   ? &m_settings.start
                            : name == "eos_token" ? &m_settings.end
                            : name == "unk_token" ? &m_settings.unknown
                            : name == "pad_token" ? &m_settings.pad
                                                  : nullptr;
        const auto found = m_values.find(key);
        const bool isGiven = found != m_values.end() && !found->is_null();
        if (!isGiven && slot == nullptr) {
            return;
        }
        const Json value = isGiven ? *found : Json(name == "bos_token" ? "<|startoftext|>" : "<|endoftext|>");
        AddedToken token = tokenFrom(value, key, value.is_string());
        if (token.content.empty()) {
            refuse("the " + std::string(key) + " is empty");
        }
        if (slot != nullptr) {
            *slot = token.content;
        }
        token.isSpecial = true;
        if (AddedToken* listed = findListed(token.content)) {
            listed->isSpecial = true;
        } else {
            m_settings.added.push_back(std::move(token));
        }
    }
    /// Further special tokens: a list, or an object of names and tokens.
    void addExtra(const char* key) {
        const Json extra = m_values.value(key, Json::array());
        if (!extra.is_null() && !extra.is_array() && !extra.is_object()) {
            refuse(std::string(key) + " is not a list of tokens");
        }
        for (const Json& value : extra) {
            AddedToken token = tokenFrom(value, key, value.is_string());
            if (findListed(token.content) == nullptr) {
                m_settings.added.push_back(std::move(token));
            }
        }
    }

    void readLength() {
        const Json length = m_config.value("model_max_length", Json());
        // Absent, or the library's 1e30 for "no limit": CLIP has 77 positions.
        const bool isLimit = length.is_number_unsigned() && length.get<std::uint64_t>() < std::uint64_t{kMaxTokenId};
        if (!length.is_null() && !isLimit && !(length.is_number_float() && length.get<double>() >= static_cast<double>(kMaxTokenId)) &&
            !length.is_number_unsigned()) {
            refuse("model_max_length is " + length.dump(-1, ' ', true, Json::error_handler_t::replace) + "; a whole number is wanted");
        }
        m_settings.maxLength = isLimit ? length.get<std::int64_t>() : m_settings.maxLength;
        if (m_settings.maxLength < 2) {
            refuse("model_max_length " + std::to_string(m_settings.maxLength) + " leaves no room for the start and end tokens");
        }
    }

    const fs::path m_folder;
    const Json& m_tokenizerJson;
    const Json m_config, m_addedFile;
    Json m_values;  ///< of the named tokens
    const bool m_hasDecoder;
    std::map<std::int64_t, AddedToken> m_listed;
    TokenizerSettings m_settings;
};

}  // namespace

TokenizerSettings readTokenizerSettings(const fs::path& folder, const Json& tokenizerJson) {
    return SettingsReader(folder, tokenizerJson).read();
}

}  // namespace rlcm::data
