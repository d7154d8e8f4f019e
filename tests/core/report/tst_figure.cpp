// Figures made from a small workspace.
#include <cmath>
#include <cstdlib>
#include <limits>

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include "core/base/files.h"
#include "core/base/run_palette.h"
#include "core/report/axis.h"
#include "core/report/canvas.h"
#include "core/report/line_path.h"
#include "core/report/report.h"
#include "tests/core/report/report_fixture.h"

using namespace rlcm;
using namespace rlcm::test;

class TestFigure : public QObject, private TwoRuns {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        writeRuns();
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
        const int last = kRunHues * kRunShades - 1;
        const auto olive = report::paletteColour(last);
        QVERIFY(std::abs(olive.red - 0x30 / 255.0) < 1e-9 && std::abs(olive.green - 0x45 / 255.0) < 1e-9 && std::abs(olive.blue - 0x01 / 255.0) < 1e-9);
        QCOMPARE(report::paletteColour(last + 1).red, report::paletteColour(0).red);
        report::exportFigure(*m_reader, figureOf({m_id}, {"eval_reward_mean"}), m_path / "colour.png");
        const image::Rgb8Image figure = image::decodePng(readFile(m_path / "colour.png"));
        int blue = 0;
        for (int y = 0; y < figure.height; ++y) {
            for (int x = 0; x < figure.width; ++x) {
                blue += pixel(figure, x, y) == std::array<int, 3>{0x2e, 0x7c, 0xde} ? 1 : 0;
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
        report::exportFigure(*m_reader, figureOf(ids, {"eval_reward_mean"}), m_path / "same.svg");
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
        const auto write = [&](int width, int height) { report::exportFigure(*m_reader, figureOf(ids, {"reward_mean"}, width, height), m_path / "crowd.png"); };
        QVERIFY(messageOf(ErrorKind::Config, [&] { write(400, 300); }).find("60 lines") != std::string::npos);
        QVERIFY(!fs::exists(m_path / "crowd.png"));
        write(2400, 1600);
        QVERIFY(fs::exists(m_path / "crowd.png"));
    }

    void unlikeUnitsHaveAxesOfTheirOwn() {
        report::exportFigure(*m_reader, figureOf({m_id}, {"reward_mean", "eval_reward_mean"}), m_path / "one.png");
        report::exportFigure(*m_reader, figureOf({m_id}, {"reward_mean", "reward.a,b", "no_such_scalar"}), m_path / "two.png");
        QVERIFY(fs::exists(m_path / "two.png"));
        // A vertical axis is a long dark line; with two panels there are two, one above the other.
        run::RunConfig other;
        other.name = "other reward";
        other.reward.terms = "colourfulness";
        const run::RunId unlike = writeRun(m_path / "w", other);
        report::exportFigure(*m_reader, figureOf({m_id, unlike}, {"reward_mean"}), m_path / "unlike.png");
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
        const run::RunId id =
            writeCurve(m_path / "w", "alternating", 101, [](std::int64_t epoch) { return epoch % 2 == 0 ? kNan : 1.0 * static_cast<double>(epoch); });
        report::exportFigure(*m_reader, figureOf({id}, {"reward_mean"}), m_path / "alternating.png");
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
            report::exportFigure(*m_reader, figureOf({id}, {"reward_mean"}), m_path / "long.png");
            return static_cast<double>(timer.nsecsElapsed()) / 1e9;
        };
        const run::RunId few = writeCurve(m_path / "w", "500 epochs", 500, noisy), many = writeCurve(m_path / "w", "5,000 epochs", 5000, noisy);
        seconds(few);
        const double one = seconds(few), ten = seconds(many);
        qInfo("a figure of 500 epochs takes %.3f s, of 5000 %.3f s", one, ten);
        QVERIFY(ten < 10 * one + 1);
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
        report::exportFigure(*m_reader, figureOf({m_id, m_other}, {}), path);
        const std::string bytes = readFile(path);
        QVERIFY(bytes.size() > 2000);
        QCOMPARE(QByteArray::fromStdString(bytes.substr(0, static_cast<std::size_t>(start.size()))), start);
    }

    void aMissingValueLeavesAGap() {
        report::exportFigure(*m_reader, figureOf({m_id}, {"reward_mean"}), m_path / "gap.png");
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

    void figuresRefuseUnknownAxesRunsAndEmptiness() {
        const auto write = [&](const figure::FigureSpec& spec) { report::exportFigure(*m_reader, spec, m_path / "curve.pdf"); };
        figure::FigureSpec spec = figureOf({m_id}, {});
        spec.axis = "image";
        QVERIFY(messageOf(ErrorKind::Config, [&] { write(spec); }).find("did you mean images") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Store, [&] { write(figureOf({m_id}, {"no_such_scalar"})); }).find("no_such_scalar") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Store, [&] { write(figureOf({"r9999"}, {})); }).find("r9999") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Config, [&] { report::exportFigure(*m_reader, figureOf({m_id}, {}), "figure.doc"); }).find("figure.doc") !=
                std::string::npos);
        QVERIFY(!fs::exists(m_path / "curve.pdf") || fs::file_size(m_path / "curve.pdf") > 2000);
    }

    void logarithmicTicksAreDecadesAndTheirParts_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<QString>("labels");
        QTest::newRow("two decades") << 1.0 << 100.0 << QStringLiteral("1 2 5 10 20 50 100");
        QTest::newRow("many") << 1e-6 << 1e12 << QStringLiteral("1e−6");
        QTest::newRow("within a decade") << 2.5 << 4.5 << QStringLiteral("2.5 3.0 3.5 4.0 4.5");
        QTest::newRow("nothing above 0") << -5.0 << -1.0 << QStringLiteral("0.1 0.2 0.5 1 2 5 10");
    }

    void logarithmicTicksAreDecadesAndTheirParts() {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(QString, labels);
        const report::Axis axis = report::makeLogAxis(low, high, 8, 0.0);
        QStringList found;
        for (const double tick : axis.ticks) {
            found << QString::fromStdString(axis.label(tick));
        }
        if (labels.contains(QLatin1Char(' '))) {
            QCOMPARE(found.join(QLatin1Char(' ')), labels);
        }
        QVERIFY2(found.size() >= 5 && found.size() <= 10, qPrintable(found.join(QLatin1Char(' '))));
        QVERIFY(!axis.hasPlace(0) && axis.hasPlace(1e-300));
        QVERIFY(std::abs(axis.fraction(std::sqrt(axis.low * axis.high)) - 0.5) < 1e-12);
    }

    void axisTicksAreRoundNumbersInsideTheRange_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<QString>("labels");
        QTest::newRow("unit") << 0.0 << 1.0 << QStringLiteral("0.0 0.2 0.4 0.6 0.8 1.0");
        QTest::newRow("negative") << -2.5 << -1.0 << QStringLiteral("−2.5 −2.0 −1.5 −1.0");
        QTest::newRow("thousands") << 0.0 << 20000.0 << QStringLiteral("0 5k 10k 15k 20k");
        QTest::newRow("around zero") << -0.9 << 0.9 << QStringLiteral("−0.5 0.0 0.5");
        QTest::newRow("one round number between") << -0.9 << 0.95 << QStringLiteral("−0.5 0.0 0.5");
        QTest::newRow("one value") << 5.0 << 5.0 << QStringLiteral("4.6 4.8 5.0 5.2 5.4");
        QTest::newRow("no value") << std::numeric_limits<double>::infinity() << -std::numeric_limits<double>::infinity()
                                  << QStringLiteral("0.0 0.2 0.4 0.6 0.8 1.0");
    }

    void anyRangeHasTwoTicksOrMore() {
        for (const double low : {-1e-8, -0.9, 0.011, 0.19, 3.1, 4999.0}) {
            for (double width = 1e-9; width < 1e6; width *= 1.7) {
                QVERIFY(report::makeAxis(low, low + width, 2, 0.0).ticks.size() >= 2);
            }
        }
        QCOMPARE(report::makeAxis(0.2, 1.4, 5, 0.0, 1).ticks, (std::vector<double>{1}));
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
};

QTEST_GUILESS_MAIN(TestFigure)
#include "tst_figure.moc"
