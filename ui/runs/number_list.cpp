#include "ui/runs/number_list.h"

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

}  // namespace rlcm::ui
