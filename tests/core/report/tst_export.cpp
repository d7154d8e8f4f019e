// Grids, curves and tables made from a small workspace.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <QTemporaryDir>
#include <QTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/image/codec.h"
#include "core/report/axis.h"
#include "core/report/report.h"

namespace fs = std::filesystem;
using namespace rlcm;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kSide = 8, kImages = 5;

/// Every pixel tells its place and its image.
image::Rgb8Image picture(std::int64_t epoch, int index) {
    image::Rgb8Image result{kSide, kSide, {}};
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            for (const int value : {x * 30, y * 30, static_cast<int>(epoch) * 10 + index}) {
                result.pixels.push_back(static_cast<std::uint8_t>(value));
            }
        }
    }
    return result;
}

double rewardMean(std::int64_t epoch) {
    return epoch == 3 ? kNan : -2.5 + 0.1 * static_cast<double>(epoch) + 1.0 / 3.0;
}

run::EvaluationDone evaluation(const run::RunId& id, std::int64_t epoch) {
    run::EvaluationDone event;
    event.id = id;
    event.epoch = event.counters.epoch = epoch;
    event.counters.images = epoch * 32;
    event.scalars = {{"eval_reward_mean", -2.0 + 0.25 * static_cast<double>(epoch)}};
    for (int index = 0; index < kImages; ++index) {
        run::EvaluationImage one;
        one.index = index;
        one.prompt = index == 1 ? "a caf\u00E9 cat with a name that is far too long for the label under its image" : "a cat";
        one.isHeldOut = index == 4;
        one.noiseSeed = 18446744073709551615ull;
        one.reward = -1.5 - index;
        one.width = one.height = kSide;
        one.png = std::make_shared<const std::string>(image::encodePng(picture(epoch, index)));
        event.images.push_back(one);
    }
    return event;
}

run::EpochDone epochDone(const run::RunId& id, std::int64_t epoch) {
    run::EpochDone event;
    event.id = id;
    event.epoch = epoch - 1;
    event.counters = {epoch, epoch * 32, epoch * 32, epoch * 256, epoch, 1.5 * static_cast<double>(epoch), 1.75 * static_cast<double>(epoch)};
    event.scalars = {{"reward_mean", rewardMean(epoch)}, {"reward.a,b", 1e-300}};
    return event;
}

run::RunId writeRun(const fs::path& workspace, const std::string& name) {
    run::RunConfig config;
    config.name = name;
    run::RunId id;
    {
        store::StoreEditor editor(workspace);
        id = editor.createRun(config);
        editor.claim(id);
    }
    run::RunCommands commands;
    store::StoreWriter writer(workspace, id, commands);
    run::RunStarted started;
    started.id = id;
    started.environmentJson = "{}";
    writer.onEvent(started);
    writer.onEvent(evaluation(id, 0));
    for (std::int64_t epoch = 1; epoch <= 6; ++epoch) {
        if (epoch % 2 == 0) {
            writer.onEvent(evaluation(id, epoch));
        }
        writer.onEvent(epochDone(id, epoch));
    }
    run::RunFinished finished;
    finished.id = id;
    writer.onEvent(finished);
    if (const auto problem = writer.error()) {
        throw std::runtime_error(*problem);
    }
    return id;
}

bool isWhite(const image::Rgb8Image& image, int x, int y) {
    const std::size_t at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
    return image.pixels[at] == 255 && image.pixels[at + 1] == 255 && image.pixels[at + 2] == 255;
}

std::array<int, 3> pixel(const image::Rgb8Image& image, int x, int y) {
    const std::size_t at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
    return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

template <typename Action>
std::string messageOf(ErrorKind kind, Action&& action) {
    try {
        action();
    } catch (const Error& problem) {
        return problem.kind() == kind ? problem.what() : "another kind: " + std::string(problem.what());
    }
    return "nothing was thrown";
}

std::vector<std::string> splitLines(const std::string& text, char separator) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back().push_back(c);
        }
    }
    return parts;
}

}  // namespace

class TestExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        m_path = m_folder.path().toStdString();
        m_id = writeRun(m_path / "w", "first run");
        m_other = writeRun(m_path / "w", "second run");
        m_reader = std::make_unique<store::StoreReader>(m_path / "w");
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

    void csvReadsBackExactly() {
        report::exportCsv(*m_reader, m_id, m_path / "run.csv");
        const std::vector<std::string> lines = splitLines(readFile(m_path / "run.csv"), '\n');
        const std::string header = lines.front();
        QVERIFY(header.starts_with("epoch,optimizer_steps,images,reward_queries,denoiser_evaluations,active_seconds,wall_seconds,"));
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
            QCOMPARE(std::strtod(cells[6].c_str(), nullptr), 1.75 * static_cast<double>(epoch));
            QCOMPARE(cells[column("eval_reward_mean")].empty(), epoch % 2 == 1);
            QCOMPARE(std::strtod(cells[column("\"reward.a,b\"")].c_str(), nullptr), 1e-300);
            const double mean = std::strtod(cells[column("reward_mean")].c_str(), nullptr);
            QVERIFY(epoch == 3 ? std::isnan(mean) : mean == rewardMean(epoch));
        }
    }

    void curvesAreWrittenInEveryFormat_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("start");
        QTest::newRow("pdf") << QStringLiteral("curve.pdf") << QByteArray("%PDF-1.");
        QTest::newRow("svg") << QStringLiteral("curve.svg") << QByteArray("<?xml");
        QTest::newRow("png") << QStringLiteral("curve.png") << QByteArray("\x89PNG");
    }
    void curvesAreWrittenInEveryFormat() {
        QFETCH(QString, file);
        QFETCH(QByteArray, start);
        const fs::path path = m_path / file.toStdString();
        report::exportCurve(*m_reader, {m_id, m_other}, path);
        const std::string bytes = readFile(path);
        QVERIFY(bytes.size() > 2000);
        QCOMPARE(QByteArray::fromStdString(bytes.substr(0, static_cast<std::size_t>(start.size()))), start);
    }

    void aMissingValueLeavesAGap() {
        report::CurveOptions options;
        options.scalars = {"reward_mean"};
        options.widthPx = 1200;
        report::exportCurve(*m_reader, {m_id}, m_path / "gap.png", options);
        const image::Rgb8Image figure = image::decodePng(readFile(m_path / "gap.png"));
        // Count coloured pixels in columns: near epoch 3 (NaN) there must be none, near epoch 5 some.
        const auto coloured = [&](double fraction) {
            int count = 0;
            for (int y = 80; y < figure.height - 80; ++y) {
                for (int x = -6; x <= 6; ++x) {
                    const auto [red, green, blue] = pixel(figure, static_cast<int>(110 + fraction * (1170 - 110)) + x, y);
                    count += blue - red > 40 ? 1 : 0;
                }
            }
            return count;
        };
        QCOMPARE(coloured(2.0 / 5.0), 0);
        QVERIFY(coloured(4.0 / 5.0) > 5);
    }

    void curveRefusesUnknownAxesAndEmptyFigures() {
        report::CurveOptions axis;
        axis.xAxis = "image";
        const auto write = [&](const report::CurveOptions& options) { report::exportCurve(*m_reader, {m_id}, m_path / "curve.pdf", options); };
        QVERIFY(messageOf(ErrorKind::Config, [&] { write(axis); }).find("did you mean images") != std::string::npos);
        report::CurveOptions scalar;
        scalar.scalars = {"no_such_scalar"};
        QVERIFY(messageOf(ErrorKind::Store, [&] { write(scalar); }).find("no_such_scalar") != std::string::npos);
    }

    void axisTicksAreRoundNumbersInsideTheRange_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<QString>("labels");
        QTest::newRow("unit") << 0.0 << 1.0 << QStringLiteral("0.0 0.2 0.4 0.6 0.8 1.0");
        QTest::newRow("negative") << -2.5 << -1.0 << QStringLiteral("-2.5 -2.0 -1.5 -1.0");
        QTest::newRow("thousands") << 0.0 << 20000.0 << QStringLiteral("0 5k 10k 15k 20k");
        QTest::newRow("one value") << 5.0 << 5.0 << QStringLiteral("4.6 4.8 5.0 5.2 5.4");
        QTest::newRow("no value") << std::numeric_limits<double>::infinity() << -std::numeric_limits<double>::infinity()
                                  << QStringLiteral("0.0 0.2 0.4 0.6 0.8 1.0");
    }
    void axisTicksAreRoundNumbersInsideTheRange() {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(QString, labels);
        const report::Axis axis = report::makeAxis(low, high, 5, 0.0);
        QStringList found;
        for (const double tick : axis.ticks) {
            found << QString::fromStdString(axis.label(tick));
        }
        QCOMPARE(found.join(QLatin1Char(' ')), labels);
    }

private:
    QTemporaryDir m_folder;
    fs::path m_path;
    run::RunId m_id, m_other;
    std::unique_ptr<store::StoreReader> m_reader;
};

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
