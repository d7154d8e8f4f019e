#include "ui/runs/run_variants.h"

#include <QStringList>
#include <algorithm>

#include "core/base/error.h"

namespace rlcm::ui {

namespace {

constexpr std::size_t kMost = 100;

std::int64_t number(const QString& text, std::int64_t minimum) {
    bool isNumber = false;
    const qlonglong value = text.trimmed().toLongLong(&isNumber);
    if (!isNumber || value < minimum) {
        throw Error(ErrorKind::Config, "“" + text.trimmed().toStdString() + "” must be a whole number of at least " + std::to_string(minimum) +
                                           "; write a list as 0, 1, 2 or a range as 0-2");
    }
    return value;
}

}  // namespace

std::vector<std::int64_t> parseNumberList(const QString& text, std::int64_t minimum) {
    std::vector<std::int64_t> values;
    for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        if (part.trimmed().isEmpty()) {
            continue;
        }
        const qsizetype dash = part.trimmed().indexOf(QLatin1Char('-'), 1);
        const std::int64_t first = number(dash < 0 ? part : part.trimmed().left(dash), minimum);
        const std::int64_t last = dash < 0 ? first : number(part.trimmed().mid(dash + 1), minimum);
        if (last < first || static_cast<std::size_t>(last - first) >= kMost || values.size() + static_cast<std::size_t>(last - first) >= kMost) {
            throw Error(ErrorKind::Config, "“" + part.trimmed().toStdString() + "” is no range of at most 100 values from low to high");
        }
        for (std::int64_t value = first; value <= last; ++value) {
            if (std::find(values.begin(), values.end(), value) != values.end()) {
                throw Error(ErrorKind::Config, std::to_string(value) + " stands in the list twice");
            }
            values.push_back(value);
        }
    }
    return values;
}

std::vector<run::RunConfig> variants(const run::RunConfig& config, const std::vector<std::int64_t>& seeds, const std::vector<std::int64_t>& horizons) {
    const std::vector<std::int64_t> allSeeds = seeds.empty() ? std::vector{config.seed} : seeds;
    const std::vector<std::int64_t> allHorizons = horizons.empty() ? std::vector{config.sampling.steps} : horizons;
    std::vector<run::RunConfig> all;
    for (const std::int64_t horizon : allHorizons) {
        for (const std::int64_t seed : allSeeds) {
            run::RunConfig one = config;
            one.seed = seed;
            one.sampling.steps = horizon;
            if (!one.name.empty() && allHorizons.size() > 1) {
                one.name += " H" + std::to_string(horizon);
            }
            if (!one.name.empty() && allSeeds.size() > 1) {
                one.name += " s" + std::to_string(seed);
            }
            all.push_back(std::move(one));
        }
    }
    return all;
}

}  // namespace rlcm::ui
