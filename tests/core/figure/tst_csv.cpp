// What is written as a table reads back as what it was.
#include <cmath>
#include <limits>
#include <random>

#include <QTest>

#include "core/figure/csv.h"

using namespace rlcm;

namespace {

/// Reads a table as RFC 4180 says.
std::vector<std::vector<std::string>> parse(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row{""};
    bool isQuoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isQuoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                row.back() += text[++i];
            } else if (c == '"') {
                isQuoted = false;
            } else {
                row.back() += c;
            }
        } else if (c == '"') {
            isQuoted = true;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\n') {
            rows.push_back(std::exchange(row, {""}));
        } else {
            row.back() += c;
        }
    }
    return rows;
}

}  // namespace

class TestCsv : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anyTextReadsBack() {
        constexpr std::string_view kLetters = "ab ,\"\n\r\t;'\xc3\xa9";
        std::mt19937 random(11);
        for (int round = 0; round < 300; ++round) {
            std::vector<std::vector<std::string>> rows(1 + random() % 4);
            figure::CsvTable table;
            for (auto& row : rows) {
                row.resize(1 + random() % 4);
                for (std::string& cell : row) {
                    for (auto letters = random() % 6; letters > 0; --letters) {
                        cell += kLetters[random() % kLetters.size()];
                    }
                    table.cell(cell);
                }
                table.endRow();
            }
            QVERIFY(parse(table.text()) == rows);
            QVERIFY(figure::csvRows(table.text()) == rows);
        }
    }
    void aTableThatBreaksOffReadsUpToItsLastWholeRow() {
        const std::vector<std::vector<std::string>> whole{{"a", "b"}};
        QVERIFY(figure::csvRows("a,b\r\nc,\"d\n") == whole);
        QVERIFY(figure::csvRows("").empty());
    }
    void onlyWhatNeedsQuotesHasThem() {
        figure::CsvTable table;
        table.cell("rlcm H4 s0").cell("a,b").cell("6\" disk").endRow();
        QCOMPARE(table.text(), std::string("rlcm H4 s0,\"a,b\",\"6\"\" disk\"\n"));
    }
    void anyNumberReadsBackExactly() {
        std::mt19937_64 random(5);
        for (int i = 0; i < 2000; ++i) {
            const double value = std::ldexp(static_cast<double>(random()) - 9e18, static_cast<int>(random() % 400) - 260);
            figure::CsvTable table;
            table.cell(value);
            QVERIFY(std::strtod(table.text().c_str(), nullptr) == value);
        }
        QCOMPARE(figure::exactText(0.1), std::string("0.1"));
        QCOMPARE(figure::exactText(std::numeric_limits<double>::quiet_NaN()), std::string("nan"));
        QCOMPARE(figure::exactText(-std::numeric_limits<double>::infinity()), std::string("-inf"));
    }
};

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
