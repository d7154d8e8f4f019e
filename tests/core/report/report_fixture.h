#pragma once
// Small workspaces and looks at pictures, for the tests of grids, tables and figures.
#include <QTemporaryDir>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/figure/figure_spec.h"
#include "core/image/codec.h"
#include "core/store/workspace.h"

namespace rlcm::test {

namespace fs = std::filesystem;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kSide = 8, kImages = 5;

/// Every pixel tells its place and its image.
inline image::Rgb8Image picture(std::int64_t epoch, int index) {
    image::Rgb8Image result{kSide, kSide, {}};
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            for (const int value : {x * 30, y * 30, static_cast<int>(epoch) * 10 + index}) {
                result.pixels.push_back(static_cast<std::uint8_t>(value));
            }
        }
    }
    return result;
}

inline double rewardMean(std::int64_t epoch) {
    return epoch == 3 ? kNan : -2.5 + 0.1 * static_cast<double>(epoch) + 1.0 / 3.0;
}

inline run::EvaluationDone evaluation(const run::RunId& id, std::int64_t epoch) {
    run::EvaluationDone event;
    event.id = id;
    event.epoch = event.counters.epoch = epoch;
    event.counters.images = epoch * 32;
    event.scalars = {{"eval_reward_mean", -2.0 + 0.25 * static_cast<double>(epoch)}};
    for (int index = 0; index < kImages; ++index) {
        run::EvaluationImage one;
        one.index = index;
        one.prompt = index == 1 ? "a caf\u00E9 cat with a name that is far too long for the label under its image" : "a cat";
        one.isHeldOut = index == 4;
        one.noiseSeed = 18446744073709551615ull;
        one.reward = -1.5 - index;
        one.width = one.height = kSide;
        one.png = std::make_shared<const std::string>(image::encodePng(picture(epoch, index)));
        event.images.push_back(one);
    }
    return event;
}

inline run::EpochDone epochDone(const run::RunId& id, std::int64_t epoch) {
    run::EpochDone event;
    event.id = id;
    event.epoch = epoch - 1;
    event.counters = {epoch, epoch * 32, epoch * 32, epoch * 256, epoch * 300, epoch, 1.5 * static_cast<double>(epoch), 1.75 * static_cast<double>(epoch)};
    event.scalars = {{"reward_mean", rewardMean(epoch)}, {"reward.a,b", 1e-300}};
    return event;
}

/// A run whose events are those that `write` sends.
template <typename Write>
run::RunId writeEvents(const fs::path& workspace, const run::RunConfig& config, const Write& write) {
    store::StoreEditor editor(workspace);
    const run::RunId id = editor.createRun(config);
    editor.claim(id);
    run::RunCommands commands;
    store::StoreWriter writer(workspace, id, commands);
    run::RunStarted started;
    started.id = id;
    started.environmentJson = "{}";
    writer.onEvent(started);
    write(id, writer);
    if (const auto problem = writer.error()) {
        throw std::runtime_error(*problem);
    }
    return id;
}

inline run::RunConfig named(const std::string& name) {
    run::RunConfig config;
    config.name = name;
    return config;
}

/// A finished run of six epochs, measured before the first and after every second.
inline run::RunId writeRun(const fs::path& workspace, const run::RunConfig& config) {
    return writeEvents(workspace, config, [](const run::RunId& id, store::StoreWriter& writer) {
        writer.onEvent(evaluation(id, 0));
        for (std::int64_t epoch = 1; epoch <= 6; ++epoch) {
            if (epoch % 2 == 0) {
                writer.onEvent(evaluation(id, epoch));
            }
            writer.onEvent(epochDone(id, epoch));
        }
        run::RunFinished finished;
        finished.id = id;
        writer.onEvent(finished);
    });
}

inline run::RunId writeRun(const fs::path& workspace, const std::string& name) {
    return writeRun(workspace, named(name));
}

inline bool isWhite(const image::Rgb8Image& image, int x, int y) {
    const std::size_t at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
    return image.pixels[at] == 255 && image.pixels[at + 1] == 255 && image.pixels[at + 2] == 255;
}

inline std::array<int, 3> pixel(const image::Rgb8Image& image, int x, int y) {
    const std::size_t at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
    return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

template <typename Action>
std::string messageOf(ErrorKind kind, Action&& action) {
    try {
        action();
    } catch (const Error& problem) {
        return problem.kind() == kind ? problem.what() : "another kind: " + std::string(problem.what());
    }
    return "nothing was thrown";
}

inline std::vector<std::string> splitLines(const std::string& text, char separator) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back().push_back(c);
        }
    }
    return parts;
}

inline run::RunId writeImages(const fs::path& workspace, const std::string& name, int side, int count, const std::string& prompt) {
    image::Rgb8Image picture{side, side, {}};
    for (int i = 0; i < side * side; ++i) {
        picture.pixels.insert(picture.pixels.end(), 3, static_cast<std::uint8_t>(i % side < side / 2 ? 0 : 128));
    }
    const auto png = std::make_shared<const std::string>(image::encodePng(picture));
    return writeEvents(workspace, named(name), [&](const run::RunId& id, store::StoreWriter& writer) {
        run::EvaluationDone event;
        event.id = id;
        event.scalars = {{"eval_reward_mean", 1}};
        for (int index = 0; index < count; ++index) {
            run::EvaluationImage one;
            one.index = index;
            one.prompt = prompt;
            one.width = one.height = side;
            one.png = png;
            event.images.push_back(one);
        }
        writer.onEvent(event);
    });
}

template <typename Value>
run::RunId writeCurve(const fs::path& workspace, const std::string& name, std::int64_t epochs, const Value& value) {
    return writeEvents(workspace, named(name), [&](const run::RunId& id, store::StoreWriter& writer) {
        for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
            run::EpochDone event;
            event.id = id;
            event.epoch = epoch - 1;
            event.counters.epoch = epoch;
            event.scalars = {{"reward_mean", value(epoch)}};
            writer.onEvent(event);
        }
    });
}

/// Lines of these measures over epochs.
inline figure::FigureSpec figureOf(const std::vector<run::RunId>& ids, const std::vector<std::string>& measures, int widthPx = 1200, int heightPx = 750) {
    return {.series = figure::seriesOf(measures, ids), .size = figure::sizeInPixels(widthPx, heightPx)};
}

/// What a test of reports begins with: two runs in a workspace "w".
class TwoRuns {
protected:
    void writeRuns() {
        m_path = m_folder.path().toStdString();
        m_id = writeRun(m_path / "w", "first run");
        m_other = writeRun(m_path / "w", "second run");
        m_reader = std::make_unique<store::StoreReader>(m_path / "w");
    }
    QTemporaryDir m_folder;
    fs::path m_path;
    run::RunId m_id, m_other;
    std::unique_ptr<store::StoreReader> m_reader;
};

}  // namespace rlcm::test
