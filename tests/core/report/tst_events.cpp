// Event files for TensorBoard, read back with a reader of its own: bit by bit, as the format's description says.
#include <QTemporaryDir>
#include <QTest>

#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include "core/base/files.h"
#include "core/report/report.h"
#include "tests/core/report/report_fixture.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const char c : bytes) {
        for (int bit = 0; bit < 8; ++bit) {
            const bool isSet = ((crc ^ (static_cast<unsigned char>(c) >> bit)) & 1) != 0;
            crc = (crc >> 1) ^ (isSet ? 0x82f63b78 : 0);
        }
    }
    return ~crc;
}

std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

/// Takes numbers and bytes off the front of a message.
struct Wire {
    std::string_view left;
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(left.front());
            left.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
    }
    template <typename Number>
    Number fixed() {
        Number value;
        std::memcpy(&value, left.data(), sizeof value);
        left.remove_prefix(sizeof value);
        return value;
    }
    std::string_view bytes() {
        const auto size = static_cast<std::size_t>(varint());
        const std::string_view taken = left.substr(0, size);
        left.remove_prefix(size);
        return taken;
    }
};

struct Event {
    double wallTime = 0;
    std::uint64_t step = 0;
    std::string version;
    std::map<std::string, float> scalars;
};

void readSummary(std::string_view bytes, Event& event) {
    for (Wire summary{bytes}; !summary.left.empty();) {
        QCOMPARE(summary.varint(), std::uint64_t{1 << 3 | 2});
        Wire value{summary.bytes()};
        QCOMPARE(value.varint(), std::uint64_t{1 << 3 | 2});
        const std::string tag(value.bytes());
        QCOMPARE(value.varint(), std::uint64_t{2 << 3 | 5});
        event.scalars[tag] = value.fixed<float>();
        QVERIFY(value.left.empty());
    }
}

std::vector<Event> readEvents(const std::string& file) {
    std::vector<Event> events;
    for (Wire records{file}; !records.left.empty();) {
        const std::string_view header = records.left.substr(0, 8);
        const auto size = static_cast<std::size_t>(records.fixed<std::uint64_t>());
        [&] { QCOMPARE(records.fixed<std::uint32_t>(), masked(crc32c(header))); }();
        Wire event{records.left.substr(0, size)};
        records.left.remove_prefix(size);
        [&] { QCOMPARE(records.fixed<std::uint32_t>(), masked(crc32c(event.left))); }();
        events.emplace_back();
        while (!event.left.empty()) {
            switch (event.varint()) {
                case 1 << 3 | 1:
                    events.back().wallTime = event.fixed<double>();
                    break;
                case 2 << 3:
                    events.back().step = event.varint();
                    break;
                case 3 << 3 | 2:
                    events.back().version = event.bytes();
                    break;
                case 5 << 3 | 2:
                    readSummary(event.bytes(), events.back());
                    break;
                default:
                    [] { QFAIL("an unknown field"); }();
                    return events;
            }
        }
    }
    return events;
}

}  // namespace

class TestEvents : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theReaderOfThisTestKnowsTheChecksum() { QCOMPARE(crc32c("123456789"), 0xe3069283u); }  // RFC 3720's check value
    void everyNumberOfARunIsInItsFile() {
        const QTemporaryDir folder;
        const fs::path workspace = folder.path().toStdString();
        const run::RunId id = writeRun(workspace, "a/b \u00E9");
        const store::StoreReader reader(workspace);
        const fs::path file = report::exportEventsInto(reader, id, workspace / "boards");
        QCOMPARE(file.parent_path(), workspace / "boards" / ("a-b \u00E9 " + id));
        QVERIFY(file.filename().string().starts_with("events.out.tfevents."));
        const std::vector<Event> events = readEvents(readFile(file));
        QCOMPARE(events.size(), std::size_t{8});  // the version, and epochs 0 to 6
        QCOMPARE(events.front().version, std::string("brain.Event:2"));
        const double begin = reader.run(id)->createdAt;
        for (std::size_t i = 1; i < events.size(); ++i) {
            const auto epoch = static_cast<std::int64_t>(i) - 1;
            const Event& event = events[i];
            QCOMPARE(event.step, static_cast<std::uint64_t>(epoch));
            QCOMPARE(event.wallTime, begin + 1.75 * static_cast<double>(epoch));
            QCOMPARE(event.scalars.contains("eval_reward_mean"), epoch % 2 == 0);
            QCOMPARE(event.scalars.contains("reward.a,b"), epoch > 0);
            for (const std::string& name : reader.scalarNames(id)) {
                for (const store::ScalarRow& row : reader.scalars(id, name)) {
                    if (row.counters.epoch == epoch) {
                        const auto expected = static_cast<float>(row.value);
                        QVERIFY2(event.scalars.at(name) == expected || (std::isnan(expected) && std::isnan(event.scalars.at(name))), name.c_str());
                    }
                }
            }
        }
        QVERIFY(std::isnan(events[4].scalars.at("reward_mean")));
    }
    void aRunWithoutNumbersIsToldAndLeavesNoFile() {
        const QTemporaryDir folder;
        const fs::path workspace = folder.path().toStdString();
        const run::RunId id = writeEvents(workspace, named("empty"), [](const run::RunId&, store::StoreWriter&) {});
        const store::StoreReader reader(workspace);
        const fs::path file = workspace / "events.tfevents";
        QVERIFY(messageOf(ErrorKind::Store, [&] { report::exportEvents(reader, id, file); }).find("no numbers yet") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Store, [&] { report::exportEvents(reader, "r0099", file); }).find("r0099") != std::string::npos);
        QVERIFY(!fs::exists(file));
    }
};

QTEST_GUILESS_MAIN(TestEvents)
#include "tst_events.moc"
