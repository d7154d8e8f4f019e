#include "ui/theme/theme.h"

#include "core/base/run_palette.h"
#include "ui/theme/style_sheet.h"

#include <QAbstractItemView>
#include <QApplication>
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

// The dark theme's counterparts of kRunPalette, lighter: 3:1 on the dark plot.
constexpr std::array<QRgb, kRunColours> kDarkRuns{
    0xff6aaeff, 0xffff9f52, 0xff3fd0a8, 0xfff08fd6, 0xffa99bff, 0xffe6c84a, 0xff5fd3ee, 0xffff7a8f, 0xffb6c2d1, 0xffa9d14e,
};
static_assert(kRunPalette.size() == kRunColours);

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
    const int wrapped = ((index % kRunColours) + kRunColours) % kRunColours;
    const auto [light, dark] = runPair(static_cast<std::size_t>(wrapped));
    return QColor::fromRgb(isDarkTheme ? dark : light);
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
