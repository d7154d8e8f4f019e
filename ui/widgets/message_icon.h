#pragma once
#include <QIcon>

#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

/// What stands beside a message of this level, in its colour.
QIcon iconOf(MessageLevel level);

}  // namespace rlcm::ui
