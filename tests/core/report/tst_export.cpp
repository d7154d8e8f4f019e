// Grids, curves and tables made from a small workspace.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/image/codec.h"
#include "core/report/axis.h"
#include "core/report/canvas.h"
#include "core/report/line_path.h"
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

run::RunId writeRun(const fs::path& workspace, const run::RunConfig& config) {
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

run::RunId writeRun(const fs::path& workspace, const std::string& name) {
    run::RunConfig config;
    config.name = name;
    return writeRun(workspace, config);
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
        const run::RunId id = writeImages("large" + std::to_string(side), side, 3, "a cat");
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
        const run::RunId id = writeImages("long prompts", 16, 4, std::string(1'000'000, 'w') + "\u00E9");
        QElapsedTimer timer;
        timer.start();
        report::exportGrid(*m_reader, id, m_path / "long.png");
        QVERIFY2(timer.elapsed() < 20000, "cutting a text is not linear");
        QVERIFY(image::decodePng(readFile(m_path / "long.png")).width < 1000);
    }

    void linesKeepTheirExtremesAndGaps() {
        report::LinePath path(1.0);
        for (int i = 0; i < 100000; ++i) {
            path.add(i * 1e-3, i == 40123 ? 99 : i == 40200 ? -99 : i % 7);
        }
        path.addGap();
        path.add(101, 5);
        path.addGap();
        path.add(102, 1);
        path.add(103, 2);
        path.finish();
        std::size_t points = 0;
        double low = 0, high = 0, last = -1;
        for (const auto& piece : path.pieces()) {
            QVERIFY(piece.size() > 1);
            points += piece.size();
            for (const report::Point& point : piece) {
                low = std::min(low, point.y);
                high = std::max(high, point.y);
                QVERIFY(point.x >= last);
                last = point.x;
            }
        }
        QVERIFY2(points <= 4 * 101 + 10, std::to_string(points).c_str());
        QCOMPARE(low, -99.0);
        QCOMPARE(high, 99.0);
        QCOMPARE(path.lonePoints().size(), std::size_t{1});
        QCOMPARE(path.lonePoints()[0].x, 101.0);
    }

    void coloursAreThoseOfTheScreen() {
        const auto last = report::paletteColour(9);  // the screen has ten
        QVERIFY(std::abs(last.red - 0x5d / 255.0) < 1e-9 && std::abs(last.green - 0x7f / 255.0) < 1e-9 && std::abs(last.blue - 0x12 / 255.0) < 1e-9);
        QCOMPARE(report::paletteColour(10).red, report::paletteColour(0).red);
        report::exportCurve(*m_reader, {m_id}, m_path / "colour.png", {.scalars = {"eval_reward_mean"}});
        const image::Rgb8Image figure = image::decodePng(readFile(m_path / "colour.png"));
        int blue = 0;
        for (int y = 0; y < figure.height; ++y) {
            for (int x = 0; x < figure.width; ++x) {
                blue += pixel(figure, x, y) == std::array<int, 3>{0x1f, 0x6f, 0xd0} ? 1 : 0;
            }
        }
        QVERIFY(blue > 500);
    }

    void runsWithEqualNamesAndColoursAreToldApart() {
        std::vector<run::RunId> ids;
        for (int i = 0; i < 3; ++i) {
            ids.push_back(writeRun(m_path / "w", "same name"));
            store::StoreEditor(m_path / "w").setColour(ids.back(), 4);
        }
        report::exportCurve(*m_reader, ids, m_path / "same.svg", {.scalars = {"eval_reward_mean"}});
        const QString svg = QString::fromStdString(readFile(m_path / "same.svg"));
        static const QRegularExpression kDash(QStringLiteral("stroke-dasharray:\\s*([^;\"]*)|stroke-dasharray=\"([^\"]*)\""));
        QSet<QString> dashes;
        for (auto found = kDash.globalMatch(svg); found.hasNext();) {
            const auto match = found.next();
            dashes.insert(match.captured(1) + match.captured(2));
        }
        dashes.remove(QStringLiteral("none"));
        QCOMPARE(dashes.size(), 2);  // beside the solid one
    }

    void aFigureThatCannotBeReadIsRefused() {
        std::vector<run::RunId> ids;
        for (int i = 0; i < 60; ++i) {
            ids.push_back(writeRun(m_path / "w", "a run with quite a long name and the number " + std::to_string(i)));
        }
        const auto write = [&](int width, int height) {
            report::exportCurve(*m_reader, ids, m_path / "crowd.png", {.scalars = {"reward_mean"}, .widthPx = width, .heightPx = height});
        };
        QVERIFY(messageOf(ErrorKind::Config, [&] { write(400, 300); }).find("60 lines") != std::string::npos);
        QVERIFY(!fs::exists(m_path / "crowd.png"));
        write(2400, 1600);
        QVERIFY(fs::exists(m_path / "crowd.png"));
    }

    void unlikeUnitsHaveAxesOfTheirOwn() {
        report::exportCurve(*m_reader, {m_id}, m_path / "one.png", {.scalars = {"reward_mean", "eval_reward_mean"}});
        report::exportCurve(*m_reader, {m_id}, m_path / "two.png", {.scalars = {"reward_mean", "reward.a,b", "no_such_scalar"}});
        QVERIFY(fs::exists(m_path / "two.png"));
        // A vertical axis is a long dark line; with two panels there are two, one above the other.
        run::RunConfig other;
        other.name = "other reward";
        other.reward.terms = "colourfulness";
        const run::RunId unlike = writeRun(m_path / "w", other);
        report::exportCurve(*m_reader, {m_id, unlike}, m_path / "unlike.png", {.scalars = {"reward_mean"}});
        const auto axes = [&](const char* file) {
            const image::Rgb8Image figure = image::decodePng(readFile(m_path / file));
            int most = 0;
            for (int x = 20; x < 300; ++x) {
                int pieces = 0, length = 0;
                for (int y = 0; y < figure.height; ++y) {
                    const auto [red, green, blue] = pixel(figure, x, y);
                    const bool isFrame = red == green && green == blue && red > 140 && red < 225;
                    length = isFrame ? length + 1 : 0;
                    pieces += length == 100 ? 1 : 0;
                }
                most = std::max(most, pieces);
            }
            return most;
        };
        QCOMPARE(axes("one.png"), 1);
        QCOMPARE(axes("unlike.png"), 2);
    }

    void valuesBetweenGapsAreDrawnAsPoints() {
        const run::RunId id = writeCurve("alternating", 101, [](std::int64_t epoch) { return epoch % 2 == 0 ? kNan : 1.0 * static_cast<double>(epoch); });
        report::exportCurve(*m_reader, {id}, m_path / "alternating.png", {.scalars = {"reward_mean"}});
        const image::Rgb8Image figure = image::decodePng(readFile(m_path / "alternating.png"));
        int coloured = 0;
        for (int y = 80; y < figure.height - 80; ++y) {
            for (int x = 100; x < figure.width - 30; ++x) {
                const auto [red, green, blue] = pixel(figure, x, y);
                coloured += std::max({red, green, blue}) - std::min({red, green, blue}) > 40 ? 1 : 0;
            }
        }
        QVERIFY2(coloured > 300, std::to_string(coloured).c_str());
    }

    /// Ten times the points must not take a hundred times as long.
    void figuresOfLongRunsAreLinear() {
        const auto noisy = [](std::int64_t epoch) { return std::sin(static_cast<double>(epoch * epoch % 1000)); };
        const auto seconds = [&](const run::RunId& id) {
            QElapsedTimer timer;
            timer.start();
            report::exportCurve(*m_reader, {id}, m_path / "long.png", {.scalars = {"reward_mean"}});
            return static_cast<double>(timer.nsecsElapsed()) / 1e9;
        };
        const run::RunId few = writeCurve("500 epochs", 500, noisy), many = writeCurve("5,000 epochs", 5000, noisy);
        seconds(few);
        const double one = seconds(few), ten = seconds(many);
        qInfo("a figure of 500 epochs takes %.3f s, of 5000 %.3f s", one, ten);
        QVERIFY(ten < 10 * one + 1);
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
        QTest::newRow("negative") << -2.5 << -1.0 << QStringLiteral("−2.5 −2.0 −1.5 −1.0");
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
    /// A run whose events are those that `write` sends.
    template <typename Write>
    run::RunId writeEvents(const std::string& name, const Write& write) {
        run::RunConfig config;
        config.name = name;
        store::StoreEditor editor(m_path / "w");
        const run::RunId id = editor.createRun(config);
        editor.claim(id);
        run::RunCommands commands;
        store::StoreWriter writer(m_path / "w", id, commands);
        run::RunStarted started;
        started.id = id;
        started.environmentJson = "{}";
        writer.onEvent(started);
        write(id, writer);
        return id;
    }
    run::RunId writeImages(const std::string& name, int side, int count, const std::string& prompt) {
        image::Rgb8Image picture{side, side, {}};
        for (int i = 0; i < side * side; ++i) {
            picture.pixels.insert(picture.pixels.end(), 3, static_cast<std::uint8_t>(i % side < side / 2 ? 0 : 128));
        }
        const auto png = std::make_shared<const std::string>(image::encodePng(picture));
        return writeEvents(name, [&](const run::RunId& id, store::StoreWriter& writer) {
            run::EvaluationDone event;
            event.id = id;
            event.scalars = {{"eval_reward_mean", 1}};
            for (int index = 0; index < count; ++index) {
                run::EvaluationImage one;
                one.index = index;
                one.prompt = prompt;
                one.width = one.height = side;
                one.png = png;
                event.images.push_back(one);
            }
            writer.onEvent(event);
        });
    }
    template <typename Value>
    run::RunId writeCurve(const std::string& name, std::int64_t epochs, const Value& value) {
        return writeEvents(name, [&](const run::RunId& id, store::StoreWriter& writer) {
            for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
                run::EpochDone event;
                event.id = id;
                event.epoch = epoch - 1;
                event.counters.epoch = epoch;
                event.scalars = {{"reward_mean", value(epoch)}};
                writer.onEvent(event);
            }
        });
    }

    QTemporaryDir m_folder;
    fs::path m_path;
    run::RunId m_id, m_other;
    std::unique_ptr<store::StoreReader> m_reader;
};

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
