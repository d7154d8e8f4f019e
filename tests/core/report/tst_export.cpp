// Grids and tables made from a small workspace.
#include <cmath>
#include <cstdlib>
#include <limits>

#include <QElapsedTimer>
#include <QTest>

#include "core/base/files.h"
#include "core/report/report.h"
#include "tests/core/report/report_fixture.h"

using namespace rlcm;
using namespace rlcm::test;

class TestExport : public QObject, private TwoRuns {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        writeRuns();
    }

    void gridEnlargesByWholeFactorsWithoutBlurring() {
        report::GridOptions options;
        options.cellPixels = 30;  // 8 * 3 = 24 fits, 8 * 4 does not
        options.columns = 2;
        options.gapPixels = 4;
        options.hasLabels = false;
        report::exportGrid(*m_reader, m_id, m_path / "grid.png", options);
        const image::Rgb8Image grid = image::decodePng(readFile(m_path / "grid.png"));
        QCOMPARE(grid.width, 4 + 2 * (24 + 4));
        QCOMPARE(grid.height, 4 + 3 * (24 + 4));
        for (int index = 0; index < kImages; ++index) {
            const image::Rgb8Image expected = picture(6, index);
            for (int y = 0; y < 24; ++y) {
                for (int x = 0; x < 24; ++x) {
                    QCOMPARE(pixel(grid, 4 + index % 2 * 28 + x, 4 + index / 2 * 28 + y), pixel(expected, x / 3, y / 3));
                }
            }
        }
        QVERIFY(isWhite(grid, 40, 70));  // the place of a sixth image stays empty
    }

    void gridShowsTheEvaluationAtOrBeforeAnEpoch_data() {
        QTest::addColumn<int>("wanted");
        QTest::addColumn<int>("shown");
        QTest::newRow("before the first update") << 0 << 0;
        QTest::newRow("between two evaluations") << 3 << 2;
        QTest::newRow("at an evaluation") << 4 << 4;
        QTest::newRow("after the last") << 100 << 6;
    }
    void gridShowsTheEvaluationAtOrBeforeAnEpoch() {
        QFETCH(int, wanted);
        QFETCH(int, shown);
        report::GridOptions options;
        options.epoch = wanted;
        options.hasLabels = false;
        options.gapPixels = 0;
        options.cellPixels = kSide;
        report::exportGrid(*m_reader, m_id, m_path / "grid.png", options);
        QCOMPARE(pixel(image::decodePng(readFile(m_path / "grid.png")), 0, 0)[2], shown * 10);
    }

    void labelsAddTextUnderEachImageAndATitle() {
        report::GridOptions options;
        options.cellPixels = 160;
        report::exportGrid(*m_reader, m_id, m_path / "labels.png", options);
        const std::string bytes = readFile(m_path / "labels.png");
        const image::Rgb8Image grid = image::decodePng(bytes);
        int title = 0, beyondImage = 0;
        for (int x = 0; x < grid.width; ++x) {
            for (int y = 0; y < 20; ++y) {
                title += isWhite(grid, x, y) ? 0 : 1;
            }
        }
        for (int y = grid.height - 300; y < grid.height; ++y) {
            beyondImage += isWhite(grid, 8 + 160 + 4, y) ? 0 : 1;  // the gap between two columns: a long label must end before it
        }
        QVERIFY(title > 100);
        QCOMPARE(beyondImage, 0);
        for (const char* entry : {"rlcm:run", "rlcm:epoch", "rlcm:samples", "18446744073709551615", "caf\\u00e9"}) {
            QVERIFY2(bytes.find(entry) != std::string::npos, entry);
        }
    }

    void gridIsWrittenAsJpegToo() {
        report::exportGrid(*m_reader, m_id, m_path / "grid.jpg");
        const std::string bytes = readFile(m_path / "grid.jpg");
        QVERIFY(bytes.size() > 1000);
        QCOMPARE(bytes.substr(0, 3), std::string("\xFF\xD8\xFF"));
    }

    void gridRefusesWhatItCannotWrite() {
        report::GridOptions huge;
        huge.cellPixels = 8000;
        const auto write = [&](const char* file, const report::GridOptions& options) { report::exportGrid(*m_reader, m_id, m_path / file, options); };
        QVERIFY(messageOf(ErrorKind::Config, [&] { write("grid.png", huge); }).find("200") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Config, [&] { write("grid.gif", {}); }).find(".png or .jpg") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Store, [&] { report::exportGrid(*m_reader, "r9999", m_path / "grid.png"); }).find("r9999") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Io, [&] { write("no/such/folder/grid.png", {}); }).find("no/such/folder") != std::string::npos);
    }

    void sheetsHaveTheirImagesWhereTheHeadersSay() {
        report::Sheet sheet{.title = "two epochs", .rows = {"ep 0", "ep 6"}, .columns = {"first", "second", "third"}};
        for (const std::int64_t epoch : {0, 6}) {
            const std::vector<store::SampleRow> samples = m_reader->samples(m_id, epoch);
            sheet.cells.push_back({m_id, samples[0], {"a", "b"}});
            sheet.cells.push_back({m_id, std::nullopt, {"not in its set", ""}});
            sheet.cells.push_back({m_id, samples[2], {"c", "d"}});
        }
        report::GridOptions options;
        options.cellPixels = 24;
        options.gapPixels = 4;
        options.hasLabels = false;
        report::exportSheet(sheet, m_path / "sheet.png", options);
        const std::string bytes = readFile(m_path / "sheet.png");
        const image::Rgb8Image grid = image::decodePng(bytes);
        QCOMPARE(grid.width, 4 + 3 * 28);
        QCOMPARE(grid.height, 4 + 2 * 28);
        for (const int row : {0, 1}) {
            for (const int column : {0, 2}) {
                QCOMPARE(pixel(grid, 4 + column * 28 + 13, 4 + row * 28 + 7), pixel(picture(6 * row, column), 13 / 3, 7 / 3));
            }
            QVERIFY(isWhite(grid, 4 + 28 + 12, 4 + row * 28 + 12));
        }
        options.hasLabels = true;
        options.cellPixels = 48;
        report::exportSheet(sheet, m_path / "sheet.png", options);
        QVERIFY(image::decodePng(readFile(m_path / "sheet.png")).width > 4 + 3 * 52);  // the headers of the rows
        QVERIFY(bytes.find("rlcm:cells") != std::string::npos && bytes.find("two epochs") != std::string::npos);
        sheet.cells.pop_back();
        QVERIFY(messageOf(ErrorKind::Config, [&] { report::exportSheet(sheet, m_path / "sheet.png"); }).find("5 cells") != std::string::npos);
    }

    void gapsHaveTheColourThatIsAskedFor() {
        report::GridOptions options;
        options.cellPixels = 24;
        options.gapPixels = 4;
        options.columns = 3;  // five images: the last place is empty
        options.gapColour = {10, 20, 30};
        report::exportGrid(*m_reader, m_id, m_path / "gaps.png", options);
        const image::Rgb8Image grid = image::decodePng(readFile(m_path / "gaps.png"));
        const std::array<int, 3> gap{10, 20, 30};
        QCOMPARE(pixel(grid, 1, grid.height - 2), gap);
        QCOMPARE(pixel(grid, grid.width - 1, grid.height / 2), gap);
        QVERIFY(isWhite(grid, grid.width - 1, 1));  // words stand on white
    }

    void sizesAreForetoldAndWhatIsTooLargeBecomesSeveralFiles() {
        report::Sheet sheet{.title = "rows", .rows = {"ep 0", "ep 2", "ep 4", "ep 6", "ep 6"}, .columns = {"first", "second"}};
        for (const std::int64_t epoch : {0, 2, 4, 6, 6}) {
            const std::vector<store::SampleRow> samples = m_reader->samples(m_id, epoch);
            sheet.cells.push_back({m_id, samples[0], {}});
            sheet.cells.push_back({m_id, samples[1], {}});
        }
        report::GridOptions options;
        options.cellPixels = 24;
        options.gapPixels = 4;
        options.hasLabels = false;
        QCOMPARE(report::sheetSize(sheet, options), (report::GridSize{4 + 2 * 28, 4 + 5 * 28, 1}));
        options.mostPixels = 60 * 60 + 10;  // of two rows
        QVERIFY(messageOf(ErrorKind::Config, [&] { report::sheetSize(sheet, options); }).find("megapixels") != std::string::npos);
        options.mayTile = true;
        QCOMPARE(report::sheetSize(sheet, options), (report::GridSize{60, 60, 3}));
        report::exportSheet(sheet, m_path / "tiles.png", options);
        QVERIFY(!fs::exists(m_path / "tiles.png") && !fs::exists(m_path / "tiles-4.png"));
        const std::array<int, 3> epochs{0, 4, 6};
        for (int file = 0; file < 3; ++file) {
            const std::string bytes = readFile(m_path / ("tiles-" + std::to_string(file + 1) + ".png"));
            const image::Rgb8Image part = image::decodePng(bytes);
            QCOMPARE(part.width, 60);
            QCOMPARE(part.height, file == 2 ? 32 : 60);
            QCOMPARE(pixel(part, 4 + 13, 4 + 7), pixel(picture(epochs[std::size_t(file)], 0), 13 / 3, 7 / 3));
            QCOMPARE(bytes.find("ep 2") != std::string::npos, file == 0);
        }
        options.mostPixels = 100;
        QVERIFY(messageOf(ErrorKind::Config, [&] { report::sheetSize(sheet, options); }).find("one row") != std::string::npos);
        QCOMPARE(report::gridSize(*m_reader, m_id, {}).files, 1);
    }

    void csvReadsBackExactly() {
        report::exportCsv(*m_reader, m_id, m_path / "run.csv");
        const std::vector<std::string> lines = splitLines(readFile(m_path / "run.csv"), '\n');
        const std::string header = lines.front();
        QVERIFY(
            header.starts_with("epoch,optimizer_steps,images,reward_queries,denoiser_evaluations,nominal_denoiser_evaluations,active_seconds,wall_seconds,"));
        QVERIFY(header.find(",\"reward.a,b\"") != std::string::npos);
        const auto column = [&](const std::string& name) {  // commas before it, less the one inside quotes
            const std::size_t end = header.find("," + name);
            const auto commas = std::count(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(end), ',');
            return static_cast<std::size_t>(commas + 1 - (header.find("\"reward.a,b\"") < end ? 1 : 0));
        };
        QCOMPARE(lines.size(), std::size_t{9});  // header, the state before training, six epochs, the end of the last line
        for (std::int64_t epoch = 1; epoch <= 6; ++epoch) {
            const std::vector<std::string> cells = splitLines(lines[static_cast<std::size_t>(epoch) + 1], ',');
            QCOMPARE(std::stoll(cells[0]), epoch);
            QCOMPARE(std::stoll(cells[4]), epoch * 256);
            QCOMPARE(std::stoll(cells[5]), epoch * 300);
            QCOMPARE(std::strtod(cells[7].c_str(), nullptr), 1.75 * static_cast<double>(epoch));
            QCOMPARE(cells[column("eval_reward_mean")].empty(), epoch % 2 == 1);
            QCOMPARE(std::strtod(cells[column("\"reward.a,b\"")].c_str(), nullptr), 1e-300);
            const double mean = std::strtod(cells[column("reward_mean")].c_str(), nullptr);
            QVERIFY(epoch == 3 ? std::isnan(mean) : mean == rewardMean(epoch));
        }
    }

    void largeImagesHaveTheSizeAskedFor_data() {
        QTest::addColumn<int>("side");
        QTest::addColumn<int>("wanted");
        QTest::addColumn<int>("cell");
        QTest::newRow("reduced") << 512 << 64 << 64;
        QTest::newRow("reduced by a fraction") << 512 << 200 << 200;
        QTest::newRow("as it is") << 512 << 512 << 512;
        QTest::newRow("enlarged by a fraction") << 512 << 600 << 600;
        QTest::newRow("small, reduced") << 64 << 40 << 40;
        QTest::newRow("small, by a whole factor") << 64 << 200 << 192;
    }
    void largeImagesHaveTheSizeAskedFor() {
        QFETCH(int, side);
        QFETCH(int, wanted);
        QFETCH(int, cell);
        const run::RunId id = writeImages(m_path / "w", "large" + std::to_string(side), side, 3, "a cat");
        report::GridOptions options;
        options.cellPixels = wanted;
        options.columns = 3;
        options.gapPixels = 0;
        options.hasLabels = false;
        report::exportGrid(*m_reader, id, m_path / "sized.png", options);
        const image::Rgb8Image grid = image::decodePng(readFile(m_path / "sized.png"));
        QCOMPARE(grid.width, 3 * cell);
        QCOMPARE(grid.height, cell);
        // The left half of each image is black, the right half grey.
        QCOMPARE(pixel(grid, cell / 4, cell / 2), (std::array<int, 3>{0, 0, 0}));
        QCOMPARE(pixel(grid, cell * 3 / 4, cell / 2), (std::array<int, 3>{128, 128, 128}));
    }

    void aPromptOfAMegabyteCostsLittle() {
        const run::RunId id = writeImages(m_path / "w", "long prompts", 16, 4, std::string(1'000'000, 'w') + "\u00E9");
        QElapsedTimer timer;
        timer.start();
        report::exportGrid(*m_reader, id, m_path / "long.png");
        QVERIFY2(timer.elapsed() < 20000, "cutting a text is not linear");
        QVERIFY(image::decodePng(readFile(m_path / "long.png")).width < 1000);
    }
};

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
