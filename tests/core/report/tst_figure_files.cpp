// Figures that the window saves: sizes for paper, groups of seeds, smoothing, the visible part, and their numbers.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/resource.h>

#include <QTest>

#include "core/base/files.h"
#include "core/base/run_palette.h"
#include "core/figure/panels.h"
#include "core/report/report.h"
#include "tests/core/report/report_fixture.h"

using namespace rlcm;
using namespace rlcm::test;
using figure::FigureSpec;

class TestFigureFiles : public QObject, private TwoRuns {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        writeRuns();
        for (int seed = 0; seed < 3; ++seed) {
            run::RunConfig config = named("rlcm H4 s" + std::to_string(seed));
            config.seed = seed;
            m_seeds.push_back(writeEvents(m_path / "w", config, [seed](const run::RunId& id, store::StoreWriter& writer) {
                for (std::int64_t epoch = 1; epoch <= 30 + seed; ++epoch) {
                    run::EpochDone event;
                    event.id = id;
                    event.epoch = epoch - 1;
                    event.counters.epoch = epoch;
                    event.counters.activeSeconds = 0.25 * static_cast<double>(epoch);
                    event.scalars = {{"reward_mean", (epoch < 20 ? 0.0 : 10.0) + seed}};
                    writer.onEvent(event);
                }
            }));
        }
    }

    void figuresForPaperHaveTheirSizeWordsAndColours() {
        FigureSpec spec = figureOf(m_seeds, {"reward_mean"});
        spec.size = {.widthMm = 174, .heightMm = 100, .fontPt = 8, .dpi = 150};
        spec.halfLife = 5;
        spec.title = "Rewards & <more>";
        const std::string svg = written(spec, "paper.svg");
        for (const char* wanted : {"width=\"493.", ">Epoch<", ">Training reward (mean), compressibility (kB)<", ">smoothed, half-life 5 epochs<",
                                   ">rlcm H4 s1<", "<title>Rewards &amp; &lt;more&gt;</title>"}) {
            QVERIFY2(svg.find(wanted) != std::string::npos, wanted);
        }
        const std::string pdf = written(spec, "paper.pdf");
        QVERIFY(pdf.starts_with("%PDF"));
        QVERIFY(pdf.find("/MediaBox [ 0 0 493.") != std::string::npos);
        const std::string png = written(spec, "paper.png");
        const image::Rgb8Image picture = image::decodePng(png);
        QCOMPARE(picture.width, static_cast<int>(std::lround(174 / 25.4 * 150)));
        QVERIFY(png.find(std::string("pHYs") + std::string("\0\0\x17\x12", 4)) != std::string::npos);  // 5906 dots a metre
        QVERIFY(isWhite(picture, 2, 2));
        QVERIFY(isWhite(picture, picture.width - 1, picture.height - 1));
        for (int seed = 0; seed < 3; ++seed) {
            QVERIFY(countColour(picture, kRunPalette[static_cast<std::size_t>(colourOf(seed))]) > 300);
        }
    }

    void aGroupOfSeedsIsOneLineWithABand() {
        FigureSpec spec = figureOf(m_seeds, {"reward_mean"});
        spec.grouping = figure::Grouping::Seeds;
        spec.halfLife = 8;
        const std::string svg = written(spec, "group.svg");
        QVERIFY(svg.find(">rlcm H4 (3 seeds)<") != std::string::npos);
        QVERIFY(svg.find(">band: min to max of the seeds<") != std::string::npos);
        QVERIFY(svg.find(", kept inside its band<") != std::string::npos);
        const image::Rgb8Image picture = image::decodePng(written(spec, "group.png"));
        const std::uint32_t colour = kRunPalette[static_cast<std::size_t>(colourOf(0))];
        QVERIFY(countColour(picture, mixed(colour, 0.16)) > 5000);
        QVERIFY(countColour(picture, colour) > 300);
    }

    void theTableOfAFigureHoldsWhatIsDrawn() {
        FigureSpec spec = figureOf(m_seeds, {"reward_mean"});
        spec.grouping = figure::Grouping::Seeds;
        spec.halfLife = 8;
        std::vector<std::string> lines = tableOf(spec);
        QCOMPARE(lines.front(), std::string("series,x,raw,smoothed,low,high,runs"));
        QCOMPARE(lines.size(), std::size_t{33});
        for (std::size_t i = 1; i <= 30; ++i) {
            const auto cells = splitLines(lines[i], ',');
            const double mean = i < 20 ? 1 : 11;
            QCOMPARE(cells[0], std::string("rlcm H4 (3 seeds)"));
            QCOMPARE(cells[1], std::to_string(i));
            QCOMPARE(std::stod(cells[2]), mean);
            QCOMPARE(std::stod(cells[4]), mean - 1);
            QCOMPARE(std::stod(cells[5]), mean + 1);
            QVERIFY(std::stod(cells[3]) >= mean - 1 && std::stod(cells[3]) <= mean + 1);
            QCOMPARE(cells[6], std::string("3"));
        }
        QCOMPARE(splitLines(lines[32], ',')[6], std::string("1"));
        spec = figureOf({m_id}, {"reward_mean"});
        QVERIFY(tableOf(spec)[3].starts_with("first run,3,,,,,1"));  // a gap
        spec.extract = figure::Extract{1.5, 3.5, -10, 0};
        QCOMPARE(tableOf(spec).size(), std::size_t{3});
        spec.axis = "active_seconds";
        spec.extract.reset();
        QCOMPARE(splitLines(tableOf(spec)[1], ',')[1], std::string("1.5"));
    }

    void onlyTheExtractIsDrawnAndMarksStandInIt() {
        FigureSpec spec = figureOf({m_seeds[0]}, {"reward_mean"});
        spec.marks = {{3, "left out"}, {15, "checkpoint"}};
        spec.extract = figure::Extract{10, 18, -5, 5};
        const std::string svg = written(spec, "part.svg");
        QVERIFY(svg.find(">checkpoint<") != std::string::npos);
        QVERIFY(svg.find(">left out<") == std::string::npos);
        QVERIFY(svg.find(">12<") != std::string::npos && svg.find(">20<") == std::string::npos);
        spec.axis = "active_seconds";
        spec.extract.reset();
        QVERIFY(written(spec, "time.svg").find(">Active time (s)<") != std::string::npos);
    }

    void aLongTitleOfALowPlotTakesTwoLines() {
        FigureSpec spec = figureOf({m_seeds[0]}, {"reward_mean"});
        spec.size = {.widthMm = 174, .heightMm = 60, .fontPt = 8, .dpi = 96};
        const std::string svg = written(spec, "low.svg");
        QVERIFY(svg.find(">Training reward (mean),<") != std::string::npos);
        QVERIFY(svg.find(">compressibility (kB)<") != std::string::npos);
    }

    void outliersAndEmptyLogarithmsDoNoHarm() {
        const run::RunId id = writeCurve(m_path / "w", "wild", 200, [](std::int64_t epoch) {
            return epoch == 100 ? 1e300 : epoch == 50 ? 0.0 : std::sin(static_cast<double>(epoch)) + 2;
        });
        FigureSpec spec = figureOf({id}, {"reward_mean"});
        spec.ignoresOutliers = true;
        QVERIFY(written(spec, "robust.svg").find(">2.4<") != std::string::npos);
        spec.isLogY = true;
        QVERIFY(written(spec, "log.svg").find(">2.0<") != std::string::npos);
        const run::RunId below = writeCurve(m_path / "w", "below zero", 20, [](std::int64_t) { return -1.0; });
        spec = figureOf({below}, {"reward_mean"});
        spec.isLogY = true;
        QVERIFY(written(spec, "below.png").size() > 2000);
    }

    void aNarrowFigureNamesEveryRunOrIsRefused() {
        std::vector<run::RunId> ids;
        for (int i = 0; i < 40; ++i) {
            ids.push_back(writeCurve(m_path / "w", "rlcm H4 compressibility s" + std::to_string(i), 5,
                                     [i](std::int64_t epoch) { return static_cast<double>(epoch + i); }));
        }
        FigureSpec spec = figureOf({ids.begin(), ids.begin() + 12}, {"reward_mean"});
        spec.size = {.widthMm = 84, .heightMm = 70, .fontPt = 7, .dpi = 300};
        const std::string svg = written(spec, "column.svg");
        for (int i = 0; i < 12; ++i) {
            QVERIFY(svg.find(" s" + std::to_string(i) + "<") != std::string::npos);
        }
        spec.series = figure::seriesOf({"reward_mean"}, ids);
        QVERIFY(messageOf(ErrorKind::Config, [&] { written(spec, "crowd.pdf"); }).find("40 lines") != std::string::npos);
        QVERIFY(!fs::exists(m_path / "crowd.pdf"));
    }

    void aFileThatCannotBeWrittenLeavesTheOldOne_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"a.pdf", "a.svg", "a.png", "a.csv"}) {
            QTest::newRow(name) << QByteArray(name);
        }
    }

    void aFileThatCannotBeWrittenLeavesTheOldOne() {
        QFETCH(QByteArray, name);
        const FigureSpec spec = figureOf(m_seeds, {"reward_mean"});
        const QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / name.toStdString();
        const auto write = [&] { name.endsWith("csv") ? report::exportFigureTable(*m_reader, spec, file) : report::exportFigure(*m_reader, spec, file); };
        write();
        const std::string before = readFile(file);
        QVERIFY(before.size() > 2000);
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        const rlimit full{1000, limit.rlim_max};
        ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &full);
        const std::string why = messageOf(ErrorKind::Io, write);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        QVERIFY2(why.find(file.string()) != std::string::npos, why.c_str());
        QVERIFY2(why.find(std::strerror(EFBIG)) != std::string::npos, why.c_str());
        QCOMPARE(readFile(file), before);
        QCOMPARE(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1);
    }

private:
    std::string written(const FigureSpec& spec, const char* name) {
        report::exportFigure(*m_reader, spec, m_path / name);
        return readFile(m_path / name);
    }
    std::vector<std::string> tableOf(const FigureSpec& spec) {
        report::exportFigureTable(*m_reader, spec, m_path / "figure.csv");
        std::string text = readFile(m_path / "figure.csv");
        text.pop_back();
        return splitLines(text, '\n');
    }
    int colourOf(int seed) const { return m_reader->run(m_seeds[static_cast<std::size_t>(seed)])->colour; }
    static std::uint32_t mixed(std::uint32_t rgb, double alpha) {
        std::uint32_t result = 0;
        for (const unsigned shift : {16u, 8u, 0u}) {
            result |= static_cast<std::uint32_t>(std::lround(255 + (static_cast<double>(rgb >> shift & 0xFF) - 255) * alpha)) << shift;
        }
        return result;
    }
    /// Pixels within 2 of a colour in each channel.
    static int countColour(const image::Rgb8Image& picture, std::uint32_t rgb) {
        int count = 0;
        for (int y = 0; y < picture.height; ++y) {
            for (int x = 0; x < picture.width; ++x) {
                const auto [red, green, blue] = pixel(picture, x, y);
                const auto isNear = [&](int value, unsigned shift) { return std::abs(value - static_cast<int>(rgb >> shift & 0xFF)) <= 2; };
                count += isNear(red, 16) && isNear(green, 8) && isNear(blue, 0) ? 1 : 0;
            }
        }
        return count;
    }

    std::vector<run::RunId> m_seeds;
};

QTEST_GUILESS_MAIN(TestFigureFiles)
#include "tst_figure_files.moc"
