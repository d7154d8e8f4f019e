// PyTorch's weight files: good ones, bad ones made by hand, and thousands of damaged ones.
#include <QtTest>

#include <functional>
#include <random>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/pth_reader.h"
#include "core/data/safetensors.h"
#include "core/tensor/torch.h"

using namespace rlcm;
using data::NamedTensors;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(RLCM_SOURCE_DIR) / "tests/golden/aesthetic";

std::string little(std::uint64_t value, std::size_t width) {
    std::string bytes;
    for (std::size_t i = 0; i < width; ++i) {
        bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
    }
    return bytes;
}

struct Entry {
    std::string name, contents;
    std::uint64_t flags = 0, method = 0;
};

std::string zipOf(const std::vector<Entry>& entries, const std::string& comment = {}) {
    std::string file, directory;
    for (const Entry& entry : entries) {
        const std::string sizes = little(entry.contents.size(), 4) + little(entry.contents.size(), 4);
        const std::string middle = little(entry.flags, 2) + little(entry.method, 2) + little(0, 8) + sizes + little(entry.name.size(), 2);
        directory += "PK\1\2" + little(0, 4) + middle + little(0, 12) + little(file.size(), 4) + entry.name;
        file += "PK\3\4" + little(0, 2) + middle + little(0, 2) + entry.name + entry.contents;
    }
    const std::uint64_t start = file.size();
    return file + directory + "PK\5\6" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) + little(directory.size(), 4) + little(start, 4) +
           little(comment.size(), 2) + comment;
}

// --- pickles, instruction by instruction ---
std::string text(const std::string& value) {
    return std::string("X") + little(value.size(), 4) + value;
}
std::string number(std::uint64_t value) {
    return std::string("\x8a") + little(8, 1) + little(value, 8);
}
std::string tuple(const std::vector<std::uint64_t>& values) {
    std::string items = "(";
    for (const std::uint64_t value : values) {
        items += number(value);
    }
    return items + "t";
}
using Sizes = std::vector<std::uint64_t>;
struct Storage {
    std::string type;
    std::uint64_t elements;
    std::string key = "0";
};
std::string tensor(const Storage& storage, std::uint64_t offset, const Sizes& shape, const Sizes& strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" + storage.type + "\n" + text(storage.key) + text("cuda:0") +
           number(storage.elements) + "tQ" + number(offset) + tuple(shape) + tuple(strides) + "\x89" + "ccollections\nOrderedDict\n)RtR";
}
std::string dictOf(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string pickle = "\x80\x02}(";
    for (const auto& [name, value] : items) {
        pickle += text(name) + value;
    }
    return pickle + "u.";
}

std::string floats(std::size_t count) {
    const at::Tensor values = at::arange(static_cast<std::int64_t>(count), at::kFloat);
    return {static_cast<const char*>(values.const_data_ptr()), values.nbytes()};
}

/// A file with one storage of the numbers 0, 1, ..., 11.
std::string fileOf(const std::string& pickle, const std::vector<Entry>& more = {}) {
    std::vector<Entry> entries{{"a/data.pkl", pickle}, {"a/data/0", floats(12)}};
    entries.insert(entries.end(), more.begin(), more.end());
    return zipOf(entries);
}

QString refusal(const std::string& bytes) {
    try {
        data::readPthBytes(bytes, "some.pth");
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Format ? QString::fromUtf8(error.what()) : QStringLiteral("wrong kind");
    }
    return QStringLiteral("no error");
}

// --- what must be refused: a pickle and words of the message ---
void addColumns() {
    QTest::addColumn<QByteArray>("pickle");
    QTest::addColumn<QString>("words");
}
void add(const char* name, const std::string& pickle, const char* words) {
    QTest::newRow(name) << QByteArray::fromStdString(pickle) << QString::fromLatin1(words);
}
/// A dictionary with one entry.
std::string one(const std::string& value) {
    return dictOf({{"w", value}});
}
void checkRefusal() {
    QFETCH(QByteArray, pickle);
    QFETCH(QString, words);
    const QString message = refusal(fileOf(pickle.toStdString()));
    QVERIFY2(message.contains(words) && message.contains(QLatin1String("some.pth")), qPrintable(message));
}

}  // namespace

class TestPthReader : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishedLayoutIsReadBitForBit() {
        const data::SafetensorsFile expected(kGolden / "head_small.safetensors");
        const NamedTensors tensors = data::readPth(kGolden / "head_small.pth");
        QCOMPARE(tensors.size(), expected.entries().size());
        QCOMPARE(tensors.front().first, std::string("layers.0.weight"));  // the file's order
        for (const auto& [name, values] : tensors) {
            QVERIFY(at::equal(values, expected.tensor(name)));
            QVERIFY(values.is_contiguous() && values.device().is_cpu());
        }
    }
    void viewsAreCutOutOfTheirStorage() {
        const NamedTensors tensors = data::readPthBytes(fileOf(dictOf({{"turned", tensor({"FloatStorage", 12}, 1, {3, 2}, {1, 4})},
                                                                       {"row", tensor({"FloatStorage", 12}, 8, {4}, {1})},
                                                                       {"scalar", tensor({"FloatStorage", 12}, 11, {}, {})},
                                                                       {"repeated", tensor({"FloatStorage", 12}, 2, {3}, {0})}})),
                                                        "views");
        QVERIFY(at::equal(tensors[0].second, at::tensor({1, 5, 2, 6, 3, 7}, at::kFloat).view({3, 2})));
        QVERIFY(at::equal(tensors[1].second, at::tensor({8, 9, 10, 11}, at::kFloat)));
        QVERIFY(at::equal(tensors[2].second, at::scalar_tensor(11.0F)));
        QVERIFY(at::equal(tensors[3].second, at::tensor({2, 2, 2}, at::kFloat)));
        QVERIFY(tensors[0].second.is_contiguous());
    }
    void everyStorageTypeIsRead() {
        const std::vector<std::pair<std::string, at::ScalarType>> types{
            {"Float", at::kFloat}, {"Half", at::kHalf},   {"BFloat16", at::kBFloat16}, {"Double", at::kDouble}, {"Long", at::kLong},
            {"Int", at::kInt},     {"Short", at::kShort}, {"Char", at::kChar},         {"Byte", at::kByte},     {"Bool", at::kBool}};
        for (const auto& [name, dtype] : types) {
            const at::Tensor values = at::tensor({0, 1, 1}).to(dtype);
            const std::string raw(static_cast<const char*>(values.const_data_ptr()), values.nbytes());
            const std::string pickle = dictOf({{"x", tensor({name + "Storage", 3}, 0, {3}, {1})}});
            const auto tensors = data::readPthBytes(zipOf({{"m/data.pkl", pickle}, {"m/data/0", raw}, {"m/byteorder", "little"}}), name);
            QVERIFY2(tensors[0].second.scalar_type() == dtype && at::equal(tensors[0].second, values), name.c_str());
        }
    }
    void parametersAndVersionNumbersOfModulesAreRead() {
        const std::string parameter =
            "ctorch._utils\n_rebuild_parameter\n(" + tensor({"FloatStorage", 12}, 0, {2}, {1}) + "\x88" + "ccollections\nOrderedDict\n)RtR";
        const std::string pickle =
            "\x80\x02"
            "ccollections\nOrderedDict\n)Rq\x01(" +
            text("w") + parameter + "u}" + text("_metadata") + "}sb.";
        const NamedTensors tensors = data::readPthBytes(fileOf(pickle), "parameters");
        QCOMPARE(tensors.size(), std::size_t{1});
        QVERIFY(at::equal(tensors[0].second, at::tensor({0, 1}, at::kFloat)));
    }

    void foreignFilesAreRefusedByName() {
        for (const auto& [file, words] :
             {std::pair{"head_small_legacy.pth", "legacy format"}, std::pair{"refuse_function_call.pth", "__builtin__.print"},
              std::pair{"refuse_module.pth", "torch.nn.modules.linear.Linear"}, std::pair{"head_small.safetensors", "no zip archive"}}) {
            const QString message = refusal(readFile(kGolden / file));
            QVERIFY2(message.contains(QLatin1String(words)) && message.contains(QLatin1String("some.pth")), qPrintable(message));
        }
        QVERIFY(refusal("").contains(QLatin1String("no zip archive")));
        QVERIFY_THROWS_EXCEPTION(Error, data::readPth(kGolden / "absent.pth"));
    }
    void badTensorsAreRefused_data() {
        addColumns();
        const std::uint64_t huge = std::uint64_t{1} << 62;
        add("beyond the storage", one(tensor({"FloatStorage", 12}, 0, {13}, {1})), "outside its storage");
        add("offset beyond", one(tensor({"FloatStorage", 12}, 12, {1}, {1})), "outside its storage");
        add("stride beyond", one(tensor({"FloatStorage", 12}, 0, {3, 4}, {5, 1})), "outside its storage");
        add("negative offset", one(tensor({"FloatStorage", 12}, ~std::uint64_t{0}, {1}, {1})), "outside its storage");
        add("negative stride", one(tensor({"FloatStorage", 12}, 5, {2}, {~std::uint64_t{0}})), "outside its storage");
        add("negative size", one(tensor({"FloatStorage", 12}, 0, {~std::uint64_t{0}}, {1})), "outside its storage");
        add("overflow of the count", one(tensor({"FloatStorage", 12}, 0, {huge, huge}, {0, 0})), "outside its storage");
        add("overflow of the reach", one(tensor({"FloatStorage", 12}, 0, {huge}, {huge})), "outside its storage");
        add("empty", one(tensor({"FloatStorage", 12}, 0, {0}, {1})), "empty");
        add("repeated without end", one(tensor({"FloatStorage", 12}, 0, {1 << 30}, {0})), "twice the memory");
        add("repeated by 2^62", one(tensor({"FloatStorage", 12}, 0, {huge}, {0})), "twice the memory");
        add("storage too long", one(tensor({"FloatStorage", 13}, 0, {1}, {1})), "its entry holds 48 bytes");
        add("storage without end", one(tensor({"DoubleStorage", huge * 2 - 1}, 0, {1}, {1})), "its entry holds 48 bytes");
        add("storage absent", one(tensor({"FloatStorage", 12, "7"}, 0, {1}, {1})), "\"7\" of tensor \"w\" is missing");
        add("storage elsewhere", one(tensor({"FloatStorage", 12, "../data.pkl"}, 0, {1}, {1})), "is missing");
        add("storage in two ways", dictOf({{"a", tensor({"FloatStorage", 12}, 0, {1}, {1})}, {"b", tensor({"IntStorage", 12}, 0, {1}, {1})}}), "in two ways");
        add("truth values", one(tensor({"BoolStorage", 48}, 0, {48}, {1})), "other than 0 and 1");
        add("shape and strides", one(tensor({"FloatStorage", 12}, 0, {2, 2}, {1})), "2 sizes and 1 strides");
        add("nine dimensions", one(tensor({"FloatStorage", 12}, 0, Sizes(9, 1), Sizes(9, 1))), "up to 8");
        add("twice", dictOf({{"w", tensor({"FloatStorage", 12}, 0, {1}, {1})}, {"w", tensor({"FloatStorage", 12}, 0, {1}, {1})}}), "two tensors \"w\"");
        add("a number for a tensor", one("K\x05"), "\"w\" is a number");
        add("a dictionary for a tensor", dictOf({{"state_dict", "}"}}), "\"state_dict\" is a dictionary");
        add("a key that is a number", "\x80\x02}K\x01K\x02s.", "not a tensor");
        add("no dictionary", "\x80\x02K\x01.", "a number instead of a dictionary");
    }
    void badTensorsAreRefused() { checkRefusal(); }
    void badPicklesAreRefused_data() {
        addColumns();
        add("storage type", one(tensor({"QUInt8Storage", 12}, 0, {1}, {1})), "torch.QUInt8Storage");
        add("a global that ends alike",
            "\x80\x02"
            "cos\nFloatStorage\n.",
            "os.FloatStorage");
        add("control characters",
            "\x80\x02"
            "co\x1b[2Js\nsys\xfftem\n.",
            "o?[2Js.sys?tem");
        add("floating-point number", "\x80\x02}" + text("loss") + "G\1\2\3\4\5\6\7\10s.", "BINFLOAT");
        add("object",
            "\x80\x02}"
            "\x81.",
            "NEWOBJ");
        add("protocol 4", "\x80\x04}.", "protocol 4");
        add("unknown instruction", "\x80\x02\xfe.", "number 254");
        add("cut off", "\x80\x02}", "cut off");
        add("nothing", "", "cut off");
        add("text beyond the end",
            "\x80\x02X\xff\xff\xff\xff"
            "a.",
            "cut off");
        add("something behind", "\x80\x02}.}", "does not end where it should");
        add("two values", "\x80\x02}}.", "does not end where it should");
        add("lacks values", "\x80\x02s.", "lacks its values");
        add("values under a mark", "\x80\x02}KaKb(s.", "lacks its values");
        add("no mark", "\x80\x02}u.", "a mark is missing");
        add("memo", "\x80\x02h\x05.", "never kept");
        add("half an item", "\x80\x02}(K\x01u.", "a key has no value");
        add("call of a text", "\x80\x02" + text("x") + ")R.", "stands where REDUCE");
        add("call of a storage",
            "\x80\x02"
            "ctorch\nFloatStorage\n)R.",
            "unknown way");
        add("reference to no storage", "\x80\x02)Q.", "not to a storage");
        add("long number",
            "\x80\x02\x8a\x09"
            "123456789.",
            "more than 64 bits");
        add("a dictionary in itself", "\x80\x02}q\1" + text("x") + "h\1s.", "\"x\" is a dictionary");
    }
    void badPicklesAreRefused() { checkRefusal(); }
    void badArchivesAreRefused() {
        const std::string good = dictOf({{"w", tensor({"FloatStorage", 12}, 0, {2}, {1})}});
        QCOMPARE(data::readPthBytes(fileOf(good), "good").size(), std::size_t{1});
        QVERIFY(refusal(fileOf(good, {{"a/x", "abc", 1}})).contains(QLatin1String("\"a/x\" is encrypted")));
        QVERIFY(refusal(fileOf(good, {{"a/x", "abc", 0, 8}})).contains(QLatin1String("\"a/x\" is compressed")));
        QVERIFY(refusal(fileOf(good, {{"a/data/0", "abc"}})).contains(QLatin1String("two entries \"a/data/0\"")));
        QVERIFY(refusal(fileOf(good, {{"b/data.pkl", good}})).contains(QLatin1String("two lists")));
        QVERIFY(refusal(fileOf(good, {{"a/byteorder", "big"}})).contains(QLatin1String("\"big\"")));
        QVERIFY(refusal(zipOf({{"a/b/data.pkl", good}})).contains(QLatin1String("without a list of tensors")));
        QVERIFY(refusal(zipOf({{"data.pkl", good}})).contains(QLatin1String("without a list of tensors")));
        QVERIFY(refusal(fileOf(std::string((1 << 20) + 1, 'N'))).contains(QLatin1String("1 MiB")));
        std::string zip64 = fileOf(good);
        zip64.replace(zip64.size() - 6, 4, "\xff\xff\xff\xff");
        QVERIFY(refusal(zip64).contains(QLatin1String("zip64")));
        QVERIFY(refusal(fileOf(good) + "behind").contains(QLatin1String("end record")));
        QCOMPARE(data::readPthBytes(zipOf({{"a/data.pkl", good}, {"a/data/0", floats(12)}}, "a comment"), "good").size(), std::size_t{1});
    }
    void manyCopiesOfOneStorageCostNothing() {
        // Each tensor is the whole storage: shared, not copied, as tied weights are.
        std::vector<std::pair<std::string, std::string>> items;
        for (int i = 0; i < 1000; ++i) {
            items.emplace_back(std::string("w") + std::to_string(i), tensor({"FloatStorage", 250000}, 0, {500, 500}, {500, 1}));
        }
        const std::string file = zipOf({{"a/data.pkl", dictOf(items)}, {"a/data/0", floats(250000)}});
        const NamedTensors tensors = data::readPthBytes(file, "tied");
        QCOMPARE(tensors.size(), std::size_t{1000});
        QVERIFY(tensors.front().second.const_data_ptr() == tensors.back().second.const_data_ptr());
        // Turned copies would take the memory a thousand times.
        for (auto& [name, value] : items) {
            value = tensor({"FloatStorage", 250000}, 0, {500, 500}, {1, 500});
        }
        QVERIFY(refusal(zipOf({{"a/data.pkl", dictOf(items)}, {"a/data/0", floats(250000)}})).contains(QLatin1String("twice the memory")));
    }
    void damagedFilesParseOrAreRefused() {
        std::mt19937 random(20261123);
        int refused = 0;
        for (const char* name : {"head_small.pth", "head_small_half.pth", "refuse_function_call.pth", "refuse_module.pth"}) {
            const std::string good = readFile(kGolden / name);
            for (int round = 0; round < 2500; ++round) {
                std::string bad = good;
                // Half of the damage in the list of tensors or the directory, where it matters.
                const std::size_t tail = good.size() - std::min<std::size_t>(good.size(), 1300);
                for (std::uint32_t flips = 1 + random() % 8; flips > 0; --flips) {
                    const std::size_t place = round % 4 == 0   ? random() % good.size()
                                              : round % 4 == 1 ? random() % 1000
                                                               : tail + random() % (good.size() - tail);
                    bad[place] = static_cast<char>(random());
                }
                if (round % 5 == 4) {
                    bad.resize(random() % bad.size());
                }
                try {
                    data::readPthBytes(bad, name);
                } catch (const Error& error) {
                    QVERIFY(error.kind() == ErrorKind::Format);
                    ++refused;
                }
            }
        }
        QVERIFY2(refused > 5000, qPrintable(QString::number(refused)));
    }
};

QTEST_GUILESS_MAIN(TestPthReader)
#include "tst_pth_reader.moc"
