// How the grid is painted.
#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "core/base/number_text.h"
#include "ui/gallery/image_badge.h"
#include "ui/grid/pivot_view.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

using figure::PivotAxis;
using figure::PivotCell;
using figure::PivotSlot;

namespace {

constexpr double kBadgeMargin = 2, kBadgeGap = 4;
constexpr int kLeastForBadges = 56;

QString meanText(const std::optional<double>& change) {
    return change ? shortChange(*change) : QString();
}

}  // namespace

void PivotView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    const QRegion& region = event->region();
    for (const QRect& part : region) {
        painter.fillRect(part, colour(Role::Window));
    }
    painter.save();
    painter.setClipRect(cells());
    const auto [top, bottom, left, right] = inSight();
    for (int row = top; row <= bottom; ++row) {
        for (int column = left; column <= right; ++column) {
            if (region.intersects(cellRect({row, column}).adjusted(-2, -2, 2, 2))) {
                paintCell(painter, {row, column});
            }
        }
    }
    painter.restore();
    paintHeaders(painter, region);
}

/// The evaluation that the time bar's epoch shows: the newest at or before it.
bool PivotView::isAtEpoch(PivotSlot slot, std::int64_t value) const {
    if (m_grid.spec().axis(slot) != PivotAxis::Epoch || value > m_epoch) {
        return false;
    }
    const auto& all = m_grid.headers(slot);
    return std::none_of(all.begin(), all.end(), [&](const figure::PivotHeader& one) { return one.value > value && one.value <= m_epoch; });
}

QString PivotView::underHeader(PivotSlot slot, int index) const {
    const QString mean = meanText((slot == PivotSlot::Rows ? m_summary.rowChange : m_summary.columnChange)[static_cast<std::size_t>(index)]);
    const auto value = static_cast<std::size_t>(m_grid.headers(slot)[static_cast<std::size_t>(index)].value);
    const bool isHeldOut = m_grid.spec().axis(slot) == PivotAxis::Prompt && m_grid.images().prompts()[value].isHeldOut;
    return mean + (!isHeldOut ? QString() : mean.isEmpty() ? tr("held out") : tr("  held out"));
}

void PivotView::paintHeader(QPainter& painter, const QRect& place, PivotSlot slot, int index) {
    const bool isRow = slot == PivotSlot::Rows;
    const bool isMarked = isAtEpoch(slot, m_grid.headers(slot)[static_cast<std::size_t>(index)].value);
    if (isMarked) {
        const QRect mark =
            isRow ? QRect(place.left(), place.top() + 2, 3, place.height() - 4) : QRect(place.left() + 2, place.bottom() - 2, place.width() - 4, 3);
        painter.fillRect(mark, colour(Role::Accent));
    }
    const QRect words = place.adjusted(spacing::kTiny + (isRow ? 3 : 0), 0, -spacing::kTiny, 0);
    const QString name = headerText(slot, index), shown = elidedName(name, painter.fontMetrics(), words.width());
    const QString mean = underHeader(slot, index), differs = differenceOf(slot, index);
    const int line = painter.fontMetrics().height();
    const int height = line * (1 + (mean.isEmpty() ? 0 : 1) + (differs.isEmpty() ? 0 : 1));
    QRect at(words.left(), isRow ? words.center().y() - height / 2 : words.top() + spacing::kTiny, words.width(), line);
    painter.setPen(colour(Role::Text));
    painter.drawText(at, Qt::AlignLeft | Qt::AlignVCenter, shown);
    if (!differs.isEmpty()) {
        at.translate(0, line);
        painter.setPen(colour(Role::MutedText));
        painter.drawText(at, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(differs, Qt::ElideRight, at.width()));
    }
    if (!mean.isEmpty()) {
        at.translate(0, line);
        painter.setPen(colour(changeRole(mean)));
        painter.drawText(at, Qt::AlignLeft | Qt::AlignVCenter, mean);
    }
}

void PivotView::paintHeaders(QPainter& painter, const QRegion& region) {
    const QRect room = cells();
    const auto [top, bottom, left, right] = inSight();
    painter.fillRect(QRect(0, 0, viewport()->width(), room.top()), colour(Role::Panel));
    painter.fillRect(QRect(0, 0, room.left(), viewport()->height()), colour(Role::Panel));
    painter.save();
    painter.setClipRect(QRect(room.left(), 0, room.width(), room.top()));
    for (int column = left; column <= right; ++column) {
        const QRect cell = cellRect({0, column}), place(cell.left(), 0, cell.width(), room.top());
        if (region.intersects(place)) {
            paintHeader(painter, place, PivotSlot::Columns, column);
        }
    }
    painter.setClipRect(QRect(0, room.top(), room.left(), room.height()));
    for (int row = top; row <= bottom; ++row) {
        const QRect cell = cellRect({row, 0}), place(0, cell.top(), room.left(), cell.height());
        if (region.intersects(place)) {
            paintHeader(painter, place, PivotSlot::Rows, gridRow(row));
        }
    }
    painter.restore();
    painter.setPen(colour(Role::Border));
    painter.drawLine(0, room.top() - 1, viewport()->width(), room.top() - 1);
    painter.drawLine(room.left() - 1, 0, room.left() - 1, viewport()->height());
}

std::optional<QColor> PivotView::heatOf(const PivotCell& one) const {
    if (m_look.heat == GridHeat::Change) {
        const auto change = one.change();
        const auto largest = m_summary.largestChange.find(one.run->rewardKey);
        if (!change || !std::isfinite(*change) || largest == m_summary.largestChange.end() || largest->second <= 0) {
            return std::nullopt;
        }
        QColor ink = colour(*change >= 0 ? Role::Success : Role::Danger);
        ink.setAlphaF(static_cast<float>(std::abs(*change) / largest->second));
        return ink;
    }
    const auto range = m_summary.rewards.find(one.run->rewardKey);
    if (m_look.heat == GridHeat::None || range == m_summary.rewards.end() || !std::isfinite(one.image->reward)) {
        return std::nullopt;
    }
    const auto [least, largest] = range->second;
    QColor ink = colour(Role::Accent);
    ink.setAlphaF(static_cast<float>(largest > least ? (one.image->reward - least) / (largest - least) : 1));
    return ink;
}

void PivotView::paintPicture(QPainter& painter, const QRectF& frame, const PivotCell& one) {
    const int side = decodeSide(*one.image);
    const QString file = QString::fromStdString(one.image->file.string());
    const QImage picture = m_cache.image(file, side);
    if (picture.isNull()) {
        return paintNoImage(painter, frame, m_cache.isUnreadable(file, side));
    }
    // Small images by whole factors of the screen's pixels, without blurring.
    const double ratio = devicePixelRatioF();
    const int longer = std::max(picture.width(), picture.height());
    const double factor = std::max(1.0, std::floor(frame.width() * ratio / longer));
    QRectF place(QPointF(), QSizeF(picture.size()) * (factor / ratio));
    place.moveCenter(frame.center());
    place.moveTopLeft({std::round(place.x() * ratio) / ratio, std::round(place.y() * ratio) / ratio});
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(place, picture);
}

void PivotView::paintBadges(QPainter& painter, const QRectF& frame, const PivotCell& one) {
    BadgePainter badges(painter, frame, kBadgeMargin);
    if (const QString file = QString::fromStdString(one.image->file.string()); file == m_fileA || file == m_fileB) {
        badges.put(file == m_fileA ? (file == m_fileB ? tr("A B") : tr("A")) : tr("B"), colour(Role::Warning, true), Qt::AlignTop | Qt::AlignRight);
    }
    if (one.isFallback()) {
        badges.put(tr("ep %1").arg(one.image->epoch), colour(Role::Warning, true), Qt::AlignTop | Qt::AlignLeft);
    }
    if (m_side < kLeastForBadges || m_look.badge == GridBadge::None) {
        return;
    }
    if (m_look.badge == GridBadge::Judge) {
        const auto judge = one.judge();
        badges.put(judge ? tr("judge %1").arg(formatReward(*judge)) : tr("no judge"), Qt::white, Qt::AlignBottom | Qt::AlignLeft);
        return;
    }
    const double taken = badges.put(formatReward(one.image->reward), Qt::white, Qt::AlignBottom | Qt::AlignLeft);
    const QString change = meanText(one.change());
    badges.put(change, change.isEmpty() ? QColor(Qt::white) : colour(changeRole(change), true), Qt::AlignBottom | Qt::AlignRight,
               taken > 0 ? taken + kBadgeGap : 0);
}

void PivotView::paintCell(QPainter& painter, const Place& place) {
    const QRect rect = cellRect(place);
    const PivotCell one = cell(place);
    const QRectF frame = QRectF(rect).adjusted(3, 3, -3, -3);
    if (place == m_current || place == m_hovered) {
        painter.fillRect(rect.adjusted(-2, -2, 2, 2), colour(place == m_current ? Role::Selection : Role::Hover));
    }
    if (one.image == nullptr) {
        painter.fillRect(frame, colour(Role::AlternateBase));
        painter.setPen(colour(Role::MutedText));
        painter.drawText(frame.adjusted(4, 0, -4, 0), Qt::AlignCenter | Qt::TextWordWrap, QString::fromStdString(figure::absenceText(one)));
    } else {
        if (const auto ink = heatOf(one)) {
            painter.fillRect(rect, *ink);
        }
        paintPicture(painter, frame, one);
        paintBadges(painter, frame, one);
    }
    if (place == m_current && hasFocus()) {
        painter.setPen(QPen(colour(Role::Accent), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect.adjusted(-1, -1, 1, 1));
    }
}

}  // namespace rlcm::ui
