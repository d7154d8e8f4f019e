// TensorBoard's event files. Records: length (8 bytes), its masked CRC-32C, the bytes, their masked CRC-32C, as tensorflow/core/lib/io/record_writer.h; each holds a protobuf
// message Event of tensorflow/core/util/event.proto. Only what scalars need is encoded.
#include <array>
#include <bit>
#include <string>

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/figure/panels.h"
#include "core/report/epoch_values.h"
#include "core/report/report.h"

namespace rlcm::report {
namespace {

constexpr std::uint32_t kCastagnoli = 0x82f63b78;  // reflected, RFC 3720
constexpr std::uint32_t kMaskDelta = 0xa282ead8;

consteval std::array<std::uint32_t, 256> crcTable() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) != 0 ? kCastagnoli : 0);
        }
        table[i] = value;
    }
    return table;
}

std::uint32_t maskedCrc(std::string_view bytes) {
    static constexpr std::array<std::uint32_t, 256> kTable = crcTable();
    std::uint32_t crc = ~std::uint32_t{0};
    for (const char c : bytes) {
        crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
    }
    return std::rotr(~crc, 15) + kMaskDelta;
}

/// Little-endian, whatever the machine.
template <typename Number>
void putFixed(std::string& out, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        out += static_cast<char>((number >> (8 * i)) & 0xff);
    }
}

/// What follows a field's number on the wire.
enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

void putVarint(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) {
        out += static_cast<char>((number & 0x7f) | 0x80);
    }
    out += static_cast<char>(number);
}

void putKey(std::string& out, int field, Wire wire) {
    putVarint(out, static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire));
}

void putBytes(std::string& out, int field, std::string_view bytes) {
    putKey(out, field, Wire::Bytes);
    putVarint(out, bytes.size());
    out += bytes;
}

/// Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
std::string eventAt(double wallTime, std::int64_t step) {
    std::string event;
    putKey(event, 1, Wire::Fixed64);
    putFixed(event, std::bit_cast<std::uint64_t>(wallTime));
    putKey(event, 2, Wire::Varint);
    putVarint(event, static_cast<std::uint64_t>(step));
    return event;
}

/// Summary { repeated Value value = 1; }, Value { string tag = 1; float simple_value = 2; }
void putScalar(std::string& summary, std::string_view tag, double number) {
    std::string value;
    putBytes(value, 1, tag);
    putKey(value, 2, Wire::Fixed32);
    putFixed(value, std::bit_cast<std::uint32_t>(static_cast<float>(number)));
    putBytes(summary, 1, value);
}

void writeRecord(AtomicFile& file, const std::string& event) {
    std::string record;
    putFixed(record, static_cast<std::uint64_t>(event.size()));
    putFixed(record, maskedCrc(record));
    record += event;
    putFixed(record, maskedCrc(event));
    file.write(record);
}

}  // namespace

void exportEvents(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& file) {
    figure::requireRun(reader, id);
    const double begin = reader.run(id).value().createdAt;
    const std::vector<std::string> names = reader.scalarNames(id);
    if (names.empty()) {
        throw Error(ErrorKind::Store, "the run " + id + " has no numbers yet");
    }
    AtomicFile out(file);
    std::string version = eventAt(begin, 0);
    putBytes(version, 3, "brain.Event:2");
    writeRecord(out, version);
    for (const auto& [number, epoch] : epochValues(reader, id, names)) {
        std::string event = eventAt(begin + epoch.counters.wallSeconds, number), summary;
        for (const auto& [name, value] : epoch.values) {
            putScalar(summary, name, value);
        }
        putBytes(event, 5, summary);
        writeRecord(out, event);
    }
    out.commit();
}

std::filesystem::path exportEventsInto(const store::StoreReader& reader, const run::RunId& id, const std::filesystem::path& folder) {
    figure::requireRun(reader, id);
    const store::RunRow run = reader.run(id).value();
    std::string name = run.name;
    for (char& c : name) {
        c = c == '/' || c == '\\' || static_cast<unsigned char>(c) < ' ' ? '-' : c;  // one folder for each run: TensorBoard shows its path as the run's name
    }
    const std::filesystem::path file =
        folder / (name + " " + id) / ("events.out.tfevents." + std::to_string(static_cast<std::int64_t>(run.createdAt)) + "." + id);
    makeFolders(file.parent_path());
    exportEvents(reader, id, file);
    return file;
}

}  // namespace rlcm::report
