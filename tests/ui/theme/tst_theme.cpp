#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "core/base/run_palette.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

using namespace rlcm::ui;

namespace {

/// Machado et al. 2009 matrices (severity 1) on linear RGB: how a colour looks to dichromats.
QColor seenBy(const QColor& c, const double m[9]) {
    const double rgb[3] = {std::pow(c.redF(), 2.2), std::pow(c.greenF(), 2.2), std::pow(c.blueF(), 2.2)};
    int out[3];
    for (int i = 0; i < 3; ++i) {
        const double v = m[3 * i] * rgb[0] + m[3 * i + 1] * rgb[1] + m[3 * i + 2] * rgb[2];
        out[i] = static_cast<int>(std::lround(255 * std::pow(std::min(1.0, std::max(0.0, v)), 1 / 2.2)));
    }
    return QColor(out[0], out[1], out[2]);
}

constexpr int kAllRunColours = rlcm::kRunHues * rlcm::kRunShades;

double distance(const QColor& a, const QColor& b) {
    const double r = a.red() - b.red(), g = a.green() - b.green(), bl = a.blue() - b.blue();
    return std::sqrt(r * r + g * g + bl * bl);
}

}  // namespace

class TestTheme : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textIsReadableOnEveryBackground_data() {
        QTest::addColumn<bool>("isDarkTheme");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textIsReadableOnEveryBackground() {
        QFETCH(bool, isDarkTheme);
        const auto check = [&](Role text, Role background) {
            const double ratio = contrastRatio(colour(text, isDarkTheme), colour(background, isDarkTheme));
            QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("role %1 on %2: %3").arg(int(text)).arg(int(background)).arg(ratio)));
        };
        for (Role background : {Role::Window, Role::Panel, Role::Base, Role::AlternateBase, Role::Hover}) {
            for (Role text : {Role::Text, Role::MutedText, Role::Success, Role::Warning, Role::Danger, Role::Info, Role::Accent}) {
                check(text, background);
            }
        }
        for (Role background : {Role::Selection, Role::SuccessTint, Role::WarningTint, Role::DangerTint, Role::InfoTint}) {
            check(Role::Text, background);
        }
        check(Role::AccentText, Role::Accent);
        check(Role::Success, Role::SuccessTint);
        check(Role::Warning, Role::WarningTint);
        check(Role::Danger, Role::DangerTint);
        check(Role::Info, Role::InfoTint);
        for (int i = 0; i < kAllRunColours; ++i) {
            QVERIFY(contrastRatio(runColour(i, isDarkTheme), colour(Role::Base, isDarkTheme)) >= 3.0);
        }
    }
    void contrastMatchesTheDefinition() {
        QCOMPARE(contrastRatio(Qt::white, Qt::black), 21.0);
        // #767676 on white is the textbook border case of 4.5:1 (4.54).
        QVERIFY(std::abs(contrastRatio(QColor(0x76, 0x76, 0x76), Qt::white) - 4.54) < 0.01);
    }
    void neighbouringRunColoursStayApartForColourBlindEyes() {
        const double protan[9] = {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998};
        const double deutan[9] = {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881};
        for (bool isDarkTheme : {false, true}) {
            for (const double* eye : {protan, deutan}) {
                for (int i = 0; i < rlcm::kRunHues; ++i) {
                    const auto seen = [&](int hue) { return seenBy(runColour(rlcm::paletteIndex(hue, rlcm::kRunShades / 2), isDarkTheme), eye); };
                    const QColor a = seen(i), b = seen(i + 1);
                    QVERIFY2(distance(a, b) > 40, qPrintable(QStringLiteral("%1 %2: %3").arg(isDarkTheme).arg(i).arg(distance(a, b))));
                }
            }
        }
    }
    void aLongerHorizonStandsFartherFromTheBackground() {
        for (bool isDarkTheme : {false, true}) {
            for (int hue = 0; hue < rlcm::kRunHues; ++hue) {
                for (int shade = 1; shade < rlcm::kRunShades; ++shade) {
                    const QColor before = runColour(rlcm::paletteIndex(hue, shade - 1), isDarkTheme),
                                 after = runColour(rlcm::paletteIndex(hue, shade), isDarkTheme);
                    const QColor background = colour(Role::Base, isDarkTheme);
                    QVERIFY2(contrastRatio(after, background) > 1.2 * contrastRatio(before, background), qPrintable(before.name()));
                    QVERIFY2(distance(before, after) > 25, qPrintable(before.name()));
                }
            }
        }
    }
    void methodsStayApartForColourBlindEyesAtEveryHorizon() {
        const double deutan[9] = {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881};
        for (bool isDarkTheme : {false, true}) {
            for (int shade = 0; shade < rlcm::kRunShades; ++shade) {
                const auto seen = [&](int hue) { return seenBy(runColour(rlcm::paletteIndex(hue, shade), isDarkTheme), deutan); };
                QVERIFY2(distance(seen(0), seen(1)) > 60, qPrintable(QString::number(shade)));
            }
        }
    }
    void coloursHaveACounterpartInTheOtherTheme() {
        for (int i = 0; i < kAllRunColours; ++i) {
            QCOMPARE(inTheme(runColour(i, false), true), runColour(i, true));
            QCOMPARE(inTheme(runColour(i, true), false), runColour(i, false));
        }
        QCOMPARE(inTheme(QColor(1, 2, 3), true), QColor(1, 2, 3));
    }
    void switchingModesChangesPaletteAndTellsWidgets() {
        auto& application = *qobject_cast<QApplication*>(QCoreApplication::instance());
        QSignalSpy changed(&ThemeNotifier::instance(), &ThemeNotifier::changed);
        apply(application, Mode::Dark);
        QVERIFY(isDark());
        QCOMPARE(application.palette().color(QPalette::Base), colour(Role::Base, true));
        apply(application, Mode::Light);
        QVERIFY(!isDark());
        QCOMPARE(application.palette().color(QPalette::Base), colour(Role::Base, false));
        QCOMPARE(changed.count(), 2);
        QVERIFY(!application.styleSheet().contains(QLatin1Char('@')));
    }
    void iconsFollowTheThemeWithoutBeingMadeAgain() {
        auto& application = *qobject_cast<QApplication*>(QCoreApplication::instance());
        apply(application, Mode::Light);
        const QIcon stop = icon(Icon::Stop);
        const auto middle = [&] { return stop.pixmap(QSize(24, 24)).toImage().pixelColor(12, 12); };
        const QColor light = middle();
        apply(application, Mode::Dark);
        QCOMPARE(light, colour(Role::Text, false));
        QCOMPARE(middle(), colour(Role::Text, true));
    }
    void everyIconDrawsSomething() {
        for (int i = 0; i <= static_cast<int>(Icon::Group); ++i) {
            const QImage image = icon(static_cast<Icon>(i)).pixmap(QSize(32, 32)).toImage();
            int inked = 0;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    inked += image.pixelColor(x, y).alpha() > 128 ? 1 : 0;
                }
            }
            QVERIFY2(inked > 12, qPrintable(QStringLiteral("icon %1").arg(i)));
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
