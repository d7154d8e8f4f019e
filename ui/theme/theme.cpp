#include "ui/theme/theme.h"

#include "core/base/run_palette.h"
#include "ui/theme/style_sheet.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QCoreApplication>
#include <QFont>
#include <QFrame>
#include <QLabel>
#include <QPalette>
#include <QPushButton>
#include <QStyle>
#include <QStyleFactory>
#include <QToolButton>
#include <QWidget>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace rlcm::ui {
namespace {

struct Pair {
    Role role;
    QRgb light, dark;
};

constexpr std::array kRoles{
    Pair{Role::Window, 0xfff4f5f7, 0xff16181d},        Pair{Role::Panel, 0xffffffff, 0xff1e2127},      Pair{Role::Base, 0xffffffff, 0xff1a1c22},
    Pair{Role::AlternateBase, 0xfff8f9fb, 0xff1f2229}, Pair{Role::Hover, 0xffebeef2, 0xff2a2e36},      Pair{Role::Border, 0xffe0e3e8, 0xff2e323a},
    Pair{Role::StrongBorder, 0xffc3c9d2, 0xff444a55},  Pair{Role::Text, 0xff1b1f27, 0xffe6e9ee},       Pair{Role::MutedText, 0xff5a6372, 0xff9aa4b2},
    Pair{Role::DisabledText, 0xff9aa1ad, 0xff626a77},  Pair{Role::Accent, 0xff2563c9, 0xff7aa9ff},     Pair{Role::AccentText, 0xffffffff, 0xff0d1522},
    Pair{Role::Selection, 0xffdbe7fb, 0xff2b3d5c},     Pair{Role::Success, 0xff17723c, 0xff5bc98a},    Pair{Role::Warning, 0xff8a5300, 0xffe7b14d},
    Pair{Role::Danger, 0xffb3261e, 0xffff8a80},        Pair{Role::Info, 0xff1f5fae, 0xff82b4ff},       Pair{Role::SuccessTint, 0xffe5f4ea, 0xff1b2f25},
    Pair{Role::WarningTint, 0xfffdf1dc, 0xff33291a},   Pair{Role::DangerTint, 0xfffdeae8, 0xff381f20}, Pair{Role::InfoTint, 0xffe7f0fc, 0xff1d2a3d},
    Pair{Role::ChartGrid, 0xffe9ecf0, 0xff2a2e36},     Pair{Role::ChartAxis, 0xff8b94a3, 0xff6b7482},  Pair{Role::ChartCursor, 0xff3d4654, 0xffc2cad6},
};

// The dark theme's counterparts of kRunPalette, made alike: the more steps, the lighter; 3:1 on the dark plot.
constexpr std::array<QRgb, kRunPalette.size()> kDarkRuns{
    0xff286cb8, 0xffa45600, 0xff06795e, 0xffa3498d, 0xff6d5cba, 0xff7d6902, 0xff077589, 0xffbb3c57, 0xff616c79, 0xff587403,  //
    0xff4487d5, 0xffc76c0e, 0xff0c9777, 0xffbf62a7, 0xff8576d6, 0xff9b8201, 0xff0a92ab, 0xffd8576e, 0xff7a8694, 0xff6f9104,  //
    0xff5fa2f3, 0xffe48636, 0xff11b791, 0xffdb7cc2, 0xff9f90f3, 0xffba9d0c, 0xff34afc9, 0xfff67287, 0xff95a1af, 0xff88ae22,  //
    0xff8bbffe, 0xfffea35d, 0xff46d5ad, 0xfff896dd, 0xffb9b0fe, 0xffd7b938, 0xff57cce7, 0xfffe9ca8, 0xffb0bccb, 0xffa4cc48,  //
    0xffbddaff, 0xffffcca7, 0xff6bf4ca, 0xfffec2ec, 0xffd5d2ff, 0xfff5d65a, 0xff8be8ff, 0xffffc7cc, 0xffcdd9e8, 0xffc0e968,  //
};

std::pair<QRgb, QRgb> runPair(std::size_t index) {
    return {0xff000000 | kRunPalette[index], kDarkRuns[index]};
}

bool g_isDark = false;
std::optional<bool> g_isDesktopDark;

const Pair& pairOf(Role role) {
    for (const Pair& pair : kRoles) {
        if (pair.role == role) {
            return pair;
        }
    }
    return kRoles.front();
}

double linear(int channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c) {
    return 0.2126 * linear(c.red()) + 0.7152 * linear(c.green()) + 0.0722 * linear(c.blue());
}

QPalette makePalette() {
    QPalette p;
    p.setColor(QPalette::Window, colour(Role::Window));
    p.setColor(QPalette::WindowText, colour(Role::Text));
    p.setColor(QPalette::Base, colour(Role::Base));
    p.setColor(QPalette::AlternateBase, colour(Role::AlternateBase));
    p.setColor(QPalette::Text, colour(Role::Text));
    p.setColor(QPalette::PlaceholderText, colour(Role::MutedText));
    p.setColor(QPalette::Button, colour(Role::Panel));
    p.setColor(QPalette::ButtonText, colour(Role::Text));
    p.setColor(QPalette::BrightText, colour(Role::Danger));
    p.setColor(QPalette::Highlight, colour(Role::Accent));
    p.setColor(QPalette::HighlightedText, colour(Role::AccentText));
    p.setColor(QPalette::Link, colour(Role::Accent));
    p.setColor(QPalette::LinkVisited, colour(Role::Accent));
    p.setColor(QPalette::ToolTipBase, colour(Role::Panel));
    p.setColor(QPalette::ToolTipText, colour(Role::Text));
    p.setColor(QPalette::Light, colour(Role::Panel));
    p.setColor(QPalette::Midlight, colour(Role::Hover));
    p.setColor(QPalette::Mid, colour(Role::Border));
    p.setColor(QPalette::Dark, colour(Role::StrongBorder));
    p.setColor(QPalette::Shadow, g_isDark ? QColor(0, 0, 0) : colour(Role::StrongBorder));
    for (auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
        p.setColor(QPalette::Disabled, role, colour(Role::DisabledText));
    }
    p.setColor(QPalette::Disabled, QPalette::Highlight, colour(Role::Border));
    return p;
}

template <typename Widget>
Widget* look(Widget* widget, const char* name) {
    widget->setProperty("look", QLatin1String(name));
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    return widget;
}

}  // namespace

bool isDark() {
    return g_isDark;
}

QColor colour(Role role) {
    return colour(role, g_isDark);
}

QColor colour(Role role, bool isDarkTheme) {
    const Pair& pair = pairOf(role);
    return QColor::fromRgb(isDarkTheme ? pair.dark : pair.light);
}

QColor runColour(int index) {
    return runColour(index, g_isDark);
}

QColor runColour(int index, bool isDarkTheme) {
    constexpr int kAll = kRunHues * kRunShades;
    const int wrapped = ((index % kAll) + kAll) % kAll;
    const auto [light, dark] = runPair(static_cast<std::size_t>(wrapped));
    return QColor::fromRgb(isDarkTheme ? dark : light);
}

QString runColourKey() {
    return QCoreApplication::translate("Theme", "Hue: the method and its settings, the same for all seeds. Strength: the horizon. Dashed in charts: DDPO.");
}

QColor inTheme(const QColor& anyThemeColour, bool isDarkTheme) {
    const QRgb rgb = anyThemeColour.rgb();
    for (std::size_t i = 0; i < kRunPalette.size(); ++i) {
        const auto [light, dark] = runPair(i);
        if (rgb == light || rgb == dark) {
            return QColor::fromRgb(isDarkTheme ? dark : light);
        }
    }
    for (const Pair& pair : kRoles) {
        if (rgb == pair.light || rgb == pair.dark) {
            return QColor::fromRgb(isDarkTheme ? pair.dark : pair.light);
        }
    }
    return anyThemeColour;
}

double contrastRatio(const QColor& a, const QColor& b) {
    const double la = luminance(a), lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

void apply(QApplication& application, Mode mode) {
    if (!g_isDesktopDark) {
        g_isDesktopDark = luminance(application.palette().color(QPalette::Window)) < 0.2;
        application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        QFont font = application.font();
        if (font.pointSizeF() < 10.0) {
            font.setPointSizeF(10.0);
        }
        application.setFont(font);
    }
    g_isDark = mode == Mode::Dark || (mode == Mode::System && *g_isDesktopDark);
    application.setPalette(makePalette());
    application.setStyleSheet(styleSheet(g_isDark));
    Q_EMIT ThemeNotifier::instance().changed();
}

QPushButton* makePrimary(QPushButton* button) {
    return look(button, "primary");
}
QPushButton* makeDanger(QPushButton* button) {
    return look(button, "danger");
}
QToolButton* makeOutlined(QToolButton* button) {
    return look(button, "outlined");
}
QLabel* makeTitle(QLabel* label) {
    return look(label, "title");
}
QLabel* makeHeading(QLabel* label) {
    return look(label, "heading");
}
QLabel* makeMuted(QLabel* label) {
    return look(label, "muted");
}
QFrame* makeCard(QFrame* frame) {
    return look(frame, "card");
}
QAbstractItemView* makePlain(QAbstractItemView* view) {
    return look(view, "plain");
}

ThemeNotifier& ThemeNotifier::instance() {
    static ThemeNotifier notifier;
    return notifier;
}

}  // namespace rlcm::ui
