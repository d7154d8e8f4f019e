#pragma once
// What a call complains about.
#include <string>

#include <QString>

#include "core/base/error.h"

namespace rlcm::test {

/// The message of the Error that `action` throws, or "" when it throws none.
template <typename Action>
QString messageOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

}  // namespace rlcm::test
