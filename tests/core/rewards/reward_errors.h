#pragma once
#include <string>
#include <vector>

#include <QtTest>

#include "core/base/error.h"

namespace rlcm::test {

/// The message of the error of `kind` that `action` throws.
template <typename Action>
std::string messageOf(Action action, ErrorKind kind = ErrorKind::Reward) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind() == kind ? error.what() : "wrong kind: " + std::string(error.what());
    }
    return "no error";
}

inline void verifyHolds(const std::string& message, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        QVERIFY2(message.find(word) != std::string::npos, (message + "   LACKS   " + word).c_str());
    }
}

}  // namespace rlcm::test
