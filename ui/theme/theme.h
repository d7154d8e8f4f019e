#pragma once
// Colours by role, spacing and the style of the whole window. Light and dark are our own palettes on the
// Fusion style. thread: GUI only.
#include <QColor>
#include <QObject>

class QAbstractItemView;
class QApplication;
class QFrame;
class QLabel;
class QPushButton;
class QToolButton;

namespace rlcm::ui {

/// What a colour is for. Widgets name a role, never a literal colour.
enum class Role {
    Window,         ///< background of the window
    Panel,          ///< cards, docks, tool bars
    Base,           ///< inputs, lists, plots
    AlternateBase,  ///< every other row of a table
    Hover,          ///< row or flat button under the mouse
    Border,         ///< hair lines between things
    StrongBorder,   ///< outline of inputs and buttons
    Text,
    MutedText,  ///< secondary text; still 4.5:1
    DisabledText,
    Accent,      ///< primary buttons, focus, links
    AccentText,  ///< text on Accent
    Selection,   ///< background of selected rows; Text stays readable on it
    Success,
    Warning,
    Danger,
    Info,
    SuccessTint,  ///< quiet backgrounds that go with the four above
    WarningTint,
    DangerTint,
    InfoTint,
    ChartGrid,
    ChartAxis,
    ChartCursor,
};

enum class Mode { System, Light, Dark };

/// Distances in logical pixels.
namespace spacing {
inline constexpr int kTiny = 4;
inline constexpr int kSmall = 8;
inline constexpr int kMedium = 12;
inline constexpr int kLarge = 16;
inline constexpr int kHuge = 24;
inline constexpr int kRadius = 6;          ///< corner radius of cards and buttons
inline constexpr int kControlHeight = 30;  ///< buttons, combo boxes, inputs
}  // namespace spacing

/// Sets style, palette, base font size and style sheet; may be called again at any time (Preferences).
/// System follows the desktop's palette at the time of the first call.
void apply(QApplication& application, Mode mode);
bool isDark();

/// Colour of a role in the current theme, or in the named one (exports are always light).
QColor colour(Role role);
QColor colour(Role role, bool isDarkTheme);
/// Colour of a run on every page: index into kRunPalette (core/base/run_palette.h) or its dark counterpart, wrapping around.
QColor runColour(int index);
QColor runColour(int index, bool isDarkTheme);
/// What these colours say, for tips.
QString runColourKey();
/// The counterpart of a role or run colour in the other theme; colours that are neither come back unchanged.
QColor inTheme(const QColor& anyThemeColour, bool isDarkTheme);
/// WCAG contrast ratio of two opaque colours, 1..21.
double contrastRatio(const QColor& a, const QColor& b);

/// Marks a widget for the style sheet. Theme changes reach it by themselves.
QPushButton* makePrimary(QPushButton* button);          ///< filled with the accent: at most one in view
QPushButton* makeDanger(QPushButton* button);           ///< destroys something
QToolButton* makeOutlined(QToolButton* button);         ///< framed like a push button: toggles and menus among inputs
QLabel* makeTitle(QLabel* label);                       ///< heading of a page, larger
QLabel* makeHeading(QLabel* label);                     ///< heading of a section, semi-bold
QLabel* makeMuted(QLabel* label);                       ///< secondary text
QFrame* makeCard(QFrame* frame);                        ///< Panel background, hair line, round corners
QAbstractItemView* makePlain(QAbstractItemView* view);  ///< no border of its own, for a view inside a card

/// Tells widgets that paint themselves that colours have changed.
class ThemeNotifier : public QObject {
    Q_OBJECT
public:
    static ThemeNotifier& instance();
Q_SIGNALS:
    void changed();

private:
    ThemeNotifier() = default;
};

}  // namespace rlcm::ui
