#pragma once
// The application's style sheet. Private to ui/theme.
#include <QString>

namespace rlcm::ui {

/// Rules with the colours of one theme filled in.
QString styleSheet(bool isDarkTheme);

}  // namespace rlcm::ui
