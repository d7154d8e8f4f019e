#include "core/base/json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/lfs_pointer.h"

namespace rlcm {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxValues = std::size_t{1} << 21;  // some 200 MB at most; the largest vocabularies have a tenth

enum class Numbers { Finite, Python };

/// Infinity, -Infinity and NaN of a text: which of its numbers they are, counted from 0.
using OddNumbers = std::map<std::size_t, double>;

/// The document in the making. The library's own parser keeps the last of two equal keys without a word, and with a callback it walks
/// the parent at the end of every object.
class DocumentBuilder : public nlohmann::json_sax<Json> {
public:
    DocumentBuilder(std::string_view where, const OddNumbers& odd) : m_where(where), m_odd(odd) {}

    Json take() { return std::move(m_root); }

    bool null() override { return add(nullptr) != nullptr; }
    bool boolean(bool value) override { return add(value) != nullptr; }
    bool number_integer(Json::number_integer_t value) override { return number(value); }
    bool number_unsigned(Json::number_unsigned_t value) override { return number(value); }
    bool number_float(Json::number_float_t value, const std::string& /*text*/) override { return number(value); }
    bool string(std::string& value) override { return add(std::move(value)) != nullptr; }
    bool binary(Json::binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*count*/) override { return open(Json::object()); }
    bool start_array(std::size_t /*count*/) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(std::string& name) override {
        const auto [place, isNew] = m_open.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
        if (!isNew) {
            throw Error(ErrorKind::Format, m_where + ": the key \"" + name + "\" stands twice");
        }
        m_member = &place->second;
        return true;
    }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const Json::exception& problem) override {
        throw Error(ErrorKind::Format, m_where + " is not valid JSON: " + problem.what());
    }

private:
    template <typename Value>
    bool number(Value value) {
        const auto odd = m_odd.empty() ? m_odd.end() : m_odd.find(m_numbers++);
        return (odd == m_odd.end() ? add(value) : add(odd->second)) != nullptr;
    }
    template <typename Value>
    Json* add(Value&& value) {
        if (++m_values > kMaxValues) {
            throw Error(ErrorKind::Format, m_where + ": JSON of more than " + std::to_string(kMaxValues) + " values");
        }
        if (m_open.empty()) {
            m_root = std::forward<Value>(value);
            return &m_root;
        }
        if (m_open.back()->is_array()) {
            return &m_open.back()->emplace_back(std::forward<Value>(value));
        }
        *m_member = std::forward<Value>(value);
        return m_member;
    }
    bool open(Json empty) {
        if (m_open.size() >= kMaxDepth) {
            throw Error(ErrorKind::Format, m_where + ": JSON is nested deeper than 64 levels");
        }
        m_open.push_back(add(std::move(empty)));
        return true;
    }
    bool close() {
        m_open.pop_back();
        return true;
    }

    std::string m_where;
    const OddNumbers& m_odd;
    Json m_root;
    std::vector<Json*> m_open;  // a list grows only while nothing inside it is open, so these stay valid
    Json* m_member = nullptr;   // of the innermost object, waiting for its value
    std::size_t m_values = 0, m_numbers = 0;
};

/// `text` with "0.0" in the place of each Infinity, -Infinity and NaN outside of strings, noted in `odd`. Text that is no JSON stays none.
std::string withoutOddNumbers(std::string_view text, OddNumbers& odd) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const std::array<std::pair<std::string_view, double>, 3> words{
        {{"NaN", std::numeric_limits<double>::quiet_NaN()}, {"Infinity", kInfinity}, {"-Infinity", -kInfinity}}};
    constexpr std::string_view kOfNumbers = "0123456789+-.eE";
    std::string out;
    std::size_t numbers = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 1;
        const auto word = std::find_if(words.begin(), words.end(), [&](const auto& one) { return text.substr(at).starts_with(one.first); });
        if (word != words.end()) {
            odd[numbers++] = word->second;
            out += " 0.0 ";
            at += word->first.size();
            continue;
        }
        if (text[at] == '"') {
            while (at + length < text.size() && text[at + length] != '"') {
                length += text[at + length] == '\\' ? 2 : 1;
            }
            ++length;
        } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
            length = std::min(text.find_first_not_of(kOfNumbers, at), text.size()) - at;
            ++numbers;
        }
        out += text.substr(at, length);
        at += length;
    }
    return out;
}

Json parse(std::string_view text, std::string_view where, std::size_t maxBytes, Numbers numbers) {
    if (text.size() > maxBytes) {
        throw Error(ErrorKind::Format,
                    std::string(where) + ": " + std::to_string(text.size()) + " bytes of JSON, more than the limit of " + std::to_string(maxBytes));
    }
    refuseLfsPointer(text, where);
    // The library takes a NUL as the end and skips a byte order mark; both would let two readers see different documents.
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xEF\xBB\xBF")) {
        throw Error(ErrorKind::Format, std::string(where) + " is not valid JSON: it holds a NUL byte or starts with a byte order mark");
    }
    OddNumbers odd;
    std::string plain;
    if (numbers == Numbers::Python && (text.find("Infinity") != std::string_view::npos || text.find("NaN") != std::string_view::npos)) {
        text = plain = withoutOddNumbers(text, odd);
    }
    DocumentBuilder builder(where, odd);
    Json::sax_parse(text, &builder);
    return builder.take();
}

}  // namespace

Json parseJson(std::string_view text, std::string_view where, std::size_t maxBytes) {
    return parse(text, where, maxBytes, Numbers::Finite);
}

Json readJsonFile(const std::filesystem::path& file, std::size_t maxBytes) {
    return parseJson(readFile(file, maxBytes), file.string(), maxBytes);
}

Json parsePythonJson(std::string_view text, std::string_view where) {
    return parse(text, where, kMaxJsonBytes, Numbers::Python);
}

Json readPythonJsonFile(const std::filesystem::path& file) {
    return parsePythonJson(readFile(file, kMaxJsonBytes), file.string());
}

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    return last[b.size()];
}

}  // namespace rlcm
