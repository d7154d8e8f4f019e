#pragma once
#include <QString>
#include <cstdint>
#include <optional>

namespace rlcm::ui {

/// An evaluation image with what is known of it, wherever it is shown.
struct ViewedImage {
    QString file = {};     ///< empty: none
    QString absence = {};  ///< why there is no file; empty: none yet
    QString run = {}, prompt = {};
    QString place = {};  ///< "ep 40 (asked 45)"
    std::uint64_t noiseSeed = 0;
    bool isHeldOut = false;
    bool isFallback = false;  ///< not from the place asked for
    std::optional<double> reward = {};
    std::optional<double> judge = {};  ///< accuracy of the judge over the evaluation that it is of
    bool operator==(const ViewedImage&) const = default;
};

}  // namespace rlcm::ui
