#include "ui/theme/style_sheet.h"

#include <QColor>
#include <utility>
#include <vector>

#include "ui/theme/theme.h"

namespace rlcm::ui {

QString styleSheet(bool isDarkTheme) {
    QString sheet = QStringLiteral(R"(
QToolTip { background: @Panel; color: @Text; border: 1px solid @StrongBorder; padding: 5px 7px; }
QPushButton, QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit {
  background: @Base; color: @Text; border: 1px solid @StrongBorder; border-radius: 6px; padding: 0 10px; min-height: 28px; }
QLineEdit, QSpinBox, QDoubleSpinBox { padding: 0 8px; selection-background-color: @Accent; selection-color: @AccentText; }
QPushButton { padding: 0 14px; background: @Panel; }
QPushButton:hover, QComboBox:hover { background: @Hover; }
QPushButton:pressed { background: @Border; }
QPushButton:checked { background: @Selection; border-color: @Accent; }
QPushButton:focus, QComboBox:focus, QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border: 1px solid @Accent; }
QPushButton:disabled, QComboBox:disabled, QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {
  color: @DisabledText; background: @Window; border-color: @Border; }
QPushButton[look="primary"] { background: @Accent; color: @AccentText; border: 1px solid @Accent; font-weight: 600; }
QPushButton[look="primary"]:hover { background: @AccentHover; border-color: @AccentHover; }
QPushButton[look="primary"]:focus { border: 2px solid @Text; }
QPushButton[look="primary"]:disabled { background: @Border; color: @DisabledText; border-color: @Border; }
QPushButton[look="danger"] { color: @Danger; border-color: @Danger; background: @Panel; }
QPushButton[look="danger"]:hover { background: @DangerTint; }
QPushButton[look="danger"]:disabled { color: @DisabledText; border-color: @Border; }
QPushButton::menu-indicator { subcontrol-position: right center; subcontrol-origin: padding; right: 8px; }
QComboBox { padding-right: 6px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url(:/rlcm/icons/chevron-down.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @Panel; color: @Text; border: 1px solid @StrongBorder; padding: 4px;
  selection-background-color: @Selection; selection-color: @Text; outline: none; }
QSpinBox, QDoubleSpinBox { padding-right: 20px; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 20px; height: 14px; border: none; margin: 1px 1px 0 0; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 20px; height: 14px; border: none; margin: 0 1px 1px 0; }
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover, QDoubleSpinBox::down-button:hover { background: @Hover; border-radius: 4px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(:/rlcm/icons/chevron-up.svg); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(:/rlcm/icons/chevron-down.svg); width: 10px; height: 10px; }
QPushButton::menu-indicator { image: url(:/rlcm/icons/chevron-down.svg); width: 12px; height: 12px; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px 6px; background: transparent; color: @Text; }
QToolButton:hover { background: @Hover; }
QToolButton:pressed { background: @Border; }
QToolButton:checked { background: @Selection; }
QToolButton:focus { border: 1px solid @Accent; }
QToolButton:disabled { color: @DisabledText; }
QToolButton[look="outlined"] { border: 1px solid @StrongBorder; background: @Panel; padding: 0 10px; min-height: 25px; }
QToolButton[look="outlined"]:hover { background: @Hover; }
QToolButton[look="outlined"]:checked { background: @Selection; border-color: @Accent; }
QToolButton[look="outlined"]:disabled { border-color: @Border; background: @Window; color: @DisabledText; }
QToolButton[look="outlined"][popupMode="2"] { padding-right: 24px; }
QToolButton[popupMode="1"] { padding-right: 20px; }
QToolButton[popupMode="1"]::menu-button { border: none; width: 18px; border-top-right-radius: 6px; border-bottom-right-radius: 6px; }
QToolButton[popupMode="1"]::menu-arrow { image: url(:/rlcm/icons/chevron-down.svg); width: 12px; height: 12px; }
QToolButton[popupMode="2"] { padding-right: 20px; }
QToolButton[popupMode="2"]::menu-indicator { image: url(:/rlcm/icons/chevron-down.svg); width: 12px; height: 12px;
  subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }
QToolBar { background: @Panel; border: none; border-bottom: 1px solid @Border; spacing: 4px; padding: 5px 8px; }
QToolBar::separator { background: @Border; width: 1px; margin: 6px 6px; }
QMenuBar { background: @Panel; padding: 2px 6px; border-bottom: 1px solid @Border; }
QMenuBar::item { padding: 5px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @Hover; }
QMenu { background: @Panel; border: 1px solid @StrongBorder; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 5px; color: @Text; }
QMenu::item:selected { background: @Selection; }
QMenu::item:disabled { color: @DisabledText; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: @Border; margin: 5px 8px; }
QStatusBar { background: @Panel; border-top: 1px solid @Border; color: @MutedText; }
QStatusBar::item { border: none; }
QTabWidget::pane { border: none; border-top: 1px solid @Border; top: -1px; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @MutedText; padding: 8px 16px; margin: 0 1px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @Text; }
QTabBar::tab:selected { color: @Text; border-bottom: 2px solid @Accent; font-weight: 600; }
QTabBar::tab:focus { color: @Accent; }
QTabBar::scroller { width: 24px; }
QTabBar::tear { width: 0; border: none; }
QTabBar QToolButton { background: @Window; border-radius: 0; padding: 0; }
QTabBar QToolButton::left-arrow { image: url(:/rlcm/icons/chevron-left.svg); width: 12px; height: 12px; }
QTabBar QToolButton::right-arrow { image: url(:/rlcm/icons/chevron-right.svg); width: 12px; height: 12px; }
QDockWidget::title { background: @Panel; padding: 8px 10px; border-bottom: 1px solid @Border; text-align: left; }
QTableView, QTreeView, QListView { background: @Base; alternate-background-color: @AlternateBase; border: 1px solid @Border; border-radius: 6px;
  gridline-color: @Border; selection-background-color: @Selection; selection-color: @Text; outline: none; }
QTableView[look="plain"], QTreeView[look="plain"], QListView[look="plain"] { border: none; border-radius: 0; background: @Panel; }
QTableView[look="plain"] QHeaderView, QTableView[look="plain"] QHeaderView::section { background: @Panel; }
QTableView::item, QTreeView::item { padding: 3px 6px; border: none; }
QTableView::item:hover, QTreeView::item:hover { background: @Hover; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: @Selection; color: @Text; }
QTableView::item:focus, QListView::item:focus { border: 1px solid @Accent; }
QHeaderView { background: @Base; border: none; }
QHeaderView::section { background: @Base; color: @MutedText; border: none; border-bottom: 1px solid @Border; padding: 6px 8px; font-weight: 600; }
QHeaderView::section:hover { color: @Text; }
QHeaderView::down-arrow { image: url(:/rlcm/icons/chevron-down.svg); width: 9px; height: 9px; subcontrol-origin: padding; subcontrol-position: top center; }
QHeaderView::up-arrow { image: url(:/rlcm/icons/chevron-up.svg); width: 9px; height: 9px; subcontrol-origin: padding; subcontrol-position: top center; }
QTableCornerButton::section { background: @Base; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget { border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar::handle { background: @StrongBorder; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @ChartAxis; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @Accent; }
QGroupBox { border: 1px solid @Border; border-radius: 6px; margin-top: 20px; padding: 10px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 2px; color: @MutedText; }
QProgressBar { background: @Hover; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; color: transparent; }
QProgressBar::chunk { background: @Accent; border-radius: 4px; }
QSlider::groove:horizontal { height: 4px; background: @StrongBorder; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @Accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: @StrongBorder; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: @Panel; border: 2px solid @Accent; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @Accent; }
QSlider::handle:horizontal:disabled { border-color: @StrongBorder; }
QSlider:horizontal { min-height: 22px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QGroupBox::indicator, QTableView::indicator, QTreeView::indicator, QListView::indicator {
  width: 14px; height: 14px; border: 1px solid @StrongBorder; border-radius: 4px; background: @Base; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @Accent; }
QCheckBox::indicator:checked, QGroupBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked, QListView::indicator:checked {
  background: @Accent; border-color: @Accent; image: url(:/rlcm/icons/check-@theme.svg); }
QCheckBox::indicator:disabled { background: @Window; border-color: @Border; }
QCheckBox:focus, QRadioButton:focus { color: @Accent; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @StrongBorder; border-radius: 8px; background: @Base; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid @Accent; background: @AccentText; }
QPlainTextEdit, QTextEdit { background: @Base; border: 1px solid @Border; border-radius: 6px; padding: 4px; }
QLabel[look="title"] { font-size: 15pt; font-weight: 600; }
QLabel[look="heading"] { font-weight: 600; }
QLabel[look="muted"] { color: @MutedText; }
QMessageBox QLabel#qt_msgbox_label { font-weight: 600; }
QMessageBox QLabel#qt_msgbox_informativelabel { min-width: 340px; }
QFrame[look="card"] { background: @Panel; border: 1px solid @Border; border-radius: 8px; }
)");
    // Longer names first, so that @AccentText is not read as @Accent.
    const QColor accent = colour(Role::Accent, isDarkTheme);
    const std::vector<std::pair<QString, QColor>> names{
        {QStringLiteral("@AccentHover"), isDarkTheme ? accent.lighter(112) : accent.darker(115)},
        {QStringLiteral("@AccentText"), colour(Role::AccentText, isDarkTheme)},
        {QStringLiteral("@DangerTint"), colour(Role::DangerTint, isDarkTheme)},
        {QStringLiteral("@DisabledText"), colour(Role::DisabledText, isDarkTheme)},
        {QStringLiteral("@MutedText"), colour(Role::MutedText, isDarkTheme)},
        {QStringLiteral("@StrongBorder"), colour(Role::StrongBorder, isDarkTheme)},
        {QStringLiteral("@AlternateBase"), colour(Role::AlternateBase, isDarkTheme)},
        {QStringLiteral("@ChartAxis"), colour(Role::ChartAxis, isDarkTheme)},
        {QStringLiteral("@Selection"), colour(Role::Selection, isDarkTheme)},
        {QStringLiteral("@Window"), colour(Role::Window, isDarkTheme)},
        {QStringLiteral("@Accent"), accent},
        {QStringLiteral("@Border"), colour(Role::Border, isDarkTheme)},
        {QStringLiteral("@Danger"), colour(Role::Danger, isDarkTheme)},
        {QStringLiteral("@Hover"), colour(Role::Hover, isDarkTheme)},
        {QStringLiteral("@Panel"), colour(Role::Panel, isDarkTheme)},
        {QStringLiteral("@Base"), colour(Role::Base, isDarkTheme)},
        {QStringLiteral("@Text"), colour(Role::Text, isDarkTheme)},
    };
    for (const auto& [name, value] : names) {
        sheet.replace(name, value.name());
    }
    sheet.replace(QStringLiteral("@theme"), isDarkTheme ? QStringLiteral("dark") : QStringLiteral("light"));
    return sheet;
}

}  // namespace rlcm::ui
