#pragma once
// Line icons drawn from our own vector strings, in the colours of the current theme at the moment of
// painting.
#include <QIcon>

#include "ui/theme/theme.h"

namespace rlcm::ui {

enum class Icon {
    Add,
    Play,
    Pause,
    Stop,
    StopAfter,
    Camera,
    Save,
    Folder,
    Trash,
    Copy,
    Clone,
    Rename,
    Eye,
    EyeOff,
    Export,
    Search,
    Settings,
    Refresh,
    Close,
    Check,
    Warning,
    Error,
    Info,
    Clock,
    Queue,
    Chart,
    Grid,
    Table,
    Live,
    First,
    Last,
    Previous,
    Next,
    Help,
    Moon,
    Sun,
    More,
    Undo,
    Spark,
    Group,
    Pin,
    Flag,
};

/// Scalable icon. `role` colours its lines; disabled icons use DisabledText.
QIcon icon(Icon which, Role role = Role::Text);

}  // namespace rlcm::ui
