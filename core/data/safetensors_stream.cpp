#include "core/data/safetensors_stream.h"

#include <set>

#include "core/base/error.h"
#include "core/base/json.h"

namespace rlcm::data {
namespace {

constexpr std::size_t kHeaderLengthBytes = 8;

std::map<std::string, std::string> withFormat(std::map<std::string, std::string> metadata) {
    metadata.emplace("format", "pt");
    return metadata;
}

}  // namespace

std::string safetensorsHeader(const std::string& where, const std::vector<SafetensorsStream::Item>& items, const std::map<std::string, std::string>& metadata) {
    nlohmann::ordered_json header;
    header["__metadata__"] = metadata;
    std::set<std::string> names{"__metadata__"};
    std::size_t end = 0;
    for (const SafetensorsStream::Item& item : items) {
        if (!names.insert(item.name).second) {
            throw Error(ErrorKind::Format, where + ": the tensor \"" + item.name + "\" cannot be stored: the name is taken");
        }
        const std::size_t begin = end;
        end += item.bytes;
        header[item.name] = {{"dtype", item.dtype}, {"shape", item.shape}, {"data_offsets", {begin, end}}};
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception& problem) {
        throw Error(ErrorKind::Format, where + ": names and metadata must be UTF-8: " + problem.what());
    }
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
}

SafetensorsStream::SafetensorsStream(const std::filesystem::path& file, const std::vector<Item>& items, const std::map<std::string, std::string>& metadata)
    : m_file(file) {
    const std::string text = safetensorsHeader(file.string(), items, withFormat(metadata));
    std::string length;
    for (std::size_t i = 0; i < kHeaderLengthBytes; ++i) {
        length.push_back(static_cast<char>((text.size() >> (8 * i)) & 0xFFU));
    }
    m_file.write(length);
    m_file.write(text);
    for (const Item& item : items) {
        m_sizes.push_back(item.bytes);
    }
}

void SafetensorsStream::append(std::string_view bytes) {
    ensure(m_next < m_sizes.size() && m_sizes[m_next] == bytes.size(), "the bytes of a tensor must be those that its header announced");
    ++m_next;
    m_file.write(bytes);
}

void SafetensorsStream::finish() {
    ensure(m_next == m_sizes.size(), "a safetensors file was finished before its last tensor");
    m_file.commit();
}

}  // namespace rlcm::data
