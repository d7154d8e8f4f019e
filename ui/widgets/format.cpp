#include "ui/widgets/format.h"

#include <QFontMetrics>
#include <QDateTime>
#include <QLocale>
#include <array>
#include <clocale>
#include <algorithm>
#include <cmath>

#include "core/base/number_text.h"

namespace rlcm::ui {
namespace {

/// `value` with `digits` significant digits and no exponent.
QString significant(double value, int digits) {
    if (value == 0) {
        return QStringLiteral("0");
    }
    // The exponent after rounding: 0.99999 has one digit before the point.
    const int exponent = QString::number(value, 'e', digits - 1).section(QLatin1Char('e'), 1).toInt();
    return QString::number(value, 'f', std::max(0, digits - 1 - exponent));
}

}  // namespace

QString formatDuration(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) {
        return QStringLiteral("–");
    }
    if (seconds < 9.95) {
        return QStringLiteral("%1 s").arg(seconds, 0, 'f', 1);
    }
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    const auto two = [](std::int64_t n) { return QStringLiteral("%1").arg(n, 2, 10, QLatin1Char('0')); };
    if (whole < 60) {
        return QStringLiteral("%1 s").arg(whole);
    }
    if (whole < 3600) {
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(two(whole % 60));
    }
    const std::int64_t minutes = whole / 60;
    if (minutes < 24 * 60) {
        return QStringLiteral("%1 h %2 min").arg(minutes / 60).arg(two(minutes % 60));
    }
    return QStringLiteral("%1 d %2 h").arg(minutes / (24 * 60)).arg(minutes / 60 % 24);
}

QString formatCount(std::int64_t count) {
    if (std::abs(count) < 1000) {
        return QString::number(count);
    }
    constexpr std::array kUnits{"k", "M", "G", "T"};
    double value = static_cast<double>(count);
    std::size_t unit = 0;
    for (value /= 1000; std::abs(value) >= 999.5 && unit + 1 < kUnits.size(); ++unit) {
        value /= 1000;
    }
    return significant(value, 3) + QLatin1String(kUnits[unit]);
}

QString formatReward(double value) {
    return QString::fromStdString(valueText(value));
}

QString formatDelta(double value) {
    if (std::isnan(value)) {
        return QStringLiteral("–");
    }
    if (value == 0) {
        return QStringLiteral("±0");
    }
    return value > 0 && std::isfinite(value) ? QStringLiteral("+") + formatReward(value) : formatReward(value);
}

QString formatBytes(std::int64_t bytes) {
    if (bytes < 1000) {
        return QStringLiteral("%1 B").arg(bytes);
    }
    constexpr std::array kUnits{"kB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) {
        value /= 1000;
    }
    return QStringLiteral("%1 %2").arg(significant(value, value < 10 ? 2 : 3), QLatin1String(kUnits[unit]));
}

QString formatAgo(double at, double now) {
    const double age = now - at;
    if (at <= 0) {
        return QStringLiteral("–");
    }
    if (age < 60) {
        return QStringLiteral("just now");
    }
    if (age < 3600) {
        return QStringLiteral("%1 min ago").arg(static_cast<int>(age / 60));
    }
    const QDateTime then = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(at));
    const QDateTime today = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(now));
    if (then.date() == today.date()) {
        return QStringLiteral("today %1").arg(then.toString(u"HH:mm"));
    }
    if (then.date().daysTo(today.date()) == 1) {
        return QStringLiteral("yesterday %1").arg(then.toString(u"HH:mm"));
    }
    return then.toString(u"yyyy-MM-dd HH:mm");
}

QString plainToolTip(const QString& text) {
    return text.isEmpty() ? QString() : QStringLiteral("<p style='white-space:pre-wrap'>") + text.toHtmlEscaped() + QStringLiteral("</p>");
}

QString oneLine(const std::string& text) {
    QString line = QString::fromStdString(text);
    for (QChar& letter : line) {
        if (letter.category() == QChar::Other_Control || letter.category() == QChar::Separator_Line || letter.category() == QChar::Separator_Paragraph) {
            letter = QLatin1Char(' ');
        }
    }
    return line;
}

QString elidedName(const QString& name, const QFontMetrics& metrics, int width) {
    QStringList words = name.split(QLatin1Char(' '));
    const auto text = [&words] { return words.join(QLatin1Char(' ')); };
    while (metrics.horizontalAdvance(text()) > width) {
        const auto longest = std::max_element(words.begin(), words.end(), [](const QString& a, const QString& b) { return a.size() < b.size(); });
        constexpr qsizetype kLeast = 5;  // as "rlcm" and what is cut to "c…y"
        if (words.size() < 3 || longest->size() < kLeast) {
            return metrics.elidedText(name, Qt::ElideMiddle, width);
        }
        const int room = width - (metrics.horizontalAdvance(text()) - metrics.horizontalAdvance(*longest));
        const QString cut = metrics.elidedText(*longest, Qt::ElideMiddle, std::max(room, metrics.horizontalAdvance(QStringLiteral("m…m"))));
        *longest = cut.size() < longest->size() ? cut : longest->left(1) + QChar(0x2026) + longest->right(1);
    }
    return text();
}

void useOneNumberFormat() {
    std::setlocale(LC_NUMERIC, "C");
    QLocale::setDefault(QLocale::c());
}

}  // namespace rlcm::ui
