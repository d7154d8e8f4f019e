#include "ui/runs/runs_delegate.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <climits>

#include "ui/runs/runs_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

namespace {
constexpr int kSwatch = 10;
constexpr int kPad = 6, kNamePad = 4, kMark = 16;
constexpr double kSmallName = 0.88;     // two lines in the height of a row
const QString kSeparator(QChar(0xb7));  // between the parts of a name
constexpr const char* kFilled = "rlcmFilled";

struct TwoLines {
    QStringList lines;
    int width = INT_MAX;  ///< of the wider one
};

/// Split where both lines are shortest.
TwoLines inTwoLines(const QString& name, const QFontMetrics& metrics) {
    const QStringList words = name.split(QLatin1Char(' '));
    TwoLines best;
    for (qsizetype i = 1; i < words.size(); ++i) {
        const qsizetype end = words[i - 1] == kSeparator && i > 1 ? i - 1 : i;  // what the end of the line says already
        const QStringList lines{words.first(end).join(QLatin1Char(' ')), words.sliced(i).join(QLatin1Char(' '))};
        const int widest = std::max(metrics.horizontalAdvance(lines[0]), metrics.horizontalAdvance(lines[1]));
        if (widest < best.width) {
            best = {lines, widest};
        }
    }
    return best;
}

/// A name in one line, or where it does not fit in two smaller ones; where these are too long, what sets it apart from the other names.
void paintName(QPainter& painter, const QRect& room, const QString& name, const QString& brief) {
    const QFontMetrics metrics(painter.font());
    QFont font = painter.font();
    font.setPointSizeF(font.pointSizeF() * kSmallName);
    const QFontMetrics small(font);
    TwoLines two = inTwoLines(name, small);
    const bool isLong = metrics.horizontalAdvance(name) > room.width() && two.width > room.width();
    const QString& shown = isLong ? brief : name;
    two = isLong ? inTwoLines(brief, small) : two;
    if (metrics.horizontalAdvance(shown) <= room.width() || two.lines.isEmpty()) {
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, elidedName(shown, metrics, room.width()));
        return;
    }
    painter.setFont(font);
    for (const auto& [line, side] : {std::pair(two.lines[0], -1), {two.lines[1], 1}}) {
        const QRect half = room.translated(0, side * small.height() / 2);
        painter.drawText(half, Qt::AlignLeft | Qt::AlignVCenter, elidedName(line, small, room.width()));
    }
}

void paintProgress(QPainter& painter, const QRect& rect, const QModelIndex& index) {
    const QString text = painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rect.width());
    painter.drawText(rect.adjusted(0, 0, 0, -4), Qt::AlignLeft | Qt::AlignVCenter, text);
    const QRectF track(rect.x(), rect.bottom() - 5, rect.width(), 3);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(Role::Border));
    painter.drawRoundedRect(track, 1.5, 1.5);
    QRectF done = track;
    done.setWidth(track.width() * index.data(RunsModel::FractionRole).toDouble());
    painter.setBrush(colour(Role::Accent));
    painter.drawRoundedRect(done, 1.5, 1.5);
}
}  // namespace

void RunsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem style = option;
    initStyleOption(&style, index);
    const QString text = style.text;
    style.text.clear();
    style.features &= ~QStyleOptionViewItem::ViewItemFeatures(QStyleOptionViewItem::HasCheckIndicator);
    style.state &= ~QStyle::State_HasFocus;
    const QWidget* widget = option.widget;
    (widget != nullptr ? widget->style() : QApplication::style())->drawControl(QStyle::CE_ItemViewItem, &style, painter, widget);

    painter->save();
    const QRect rect = option.rect.adjusted(kPad, 0, -kPad, 0);
    const bool isVisible = index.siblingAtColumn(RunsModel::Visible).data(Qt::CheckStateRole).toInt() == Qt::Checked;
    painter->setPen(colour(isVisible ? ui::Role::Text : ui::Role::MutedText));
    switch (index.column()) {
        case RunsModel::Visible: {
            const QRect place(option.rect.center() - QPoint(8, 8), QSize(16, 16));
            icon(isVisible ? Icon::Eye : Icon::EyeOff, isVisible ? ui::Role::Text : ui::Role::MutedText).paint(painter, place);
            break;
        }
        case RunsModel::Name: {
            const QRectF swatch(option.rect.x() + kNamePad, rect.center().y() - kSwatch / 2.0 + 0.5, kSwatch, kSwatch);
            painter->setRenderHint(QPainter::Antialiasing);
            const QPen pen = painter->pen();
            painter->setPen(Qt::NoPen);
            QColor fill = runColour(index.data(RunsModel::ColourRole).toInt());
            fill.setAlphaF(isVisible ? 1.0F : 0.35F);
            painter->setBrush(fill);
            painter->drawRoundedRect(swatch, 3, 3);
            painter->setPen(pen);
            QRect room = option.rect.adjusted(kNamePad + kSwatch + kPad, 0, 0, 0);
            for (const auto& [role, mark] : {std::pair(RunsModel::BaselineRole, Icon::Flag), {RunsModel::PinnedRole, Icon::Pin}}) {
                if (index.data(role).toBool()) {
                    icon(mark, ui::Role::Accent).paint(painter, QRect(room.right() - kMark + 1, room.center().y() - kMark / 2, kMark, kMark));
                    room.setRight(room.right() - kMark);
                }
            }
            paintName(*painter, room, text, index.data(RunsModel::BriefNameRole).toString());
            break;
        }
        case RunsModel::State:
            paintState(*painter, rect, static_cast<run::RunState>(index.data(RunsModel::StateRole).toInt()), index.data(RunsModel::AlarmsRole).toLongLong(),
                       index.data(RunsModel::NewAlarmsRole).toLongLong() > 0);
            break;
        case RunsModel::Progress:
            paintProgress(*painter, rect, index);
            break;
        default:
            painter->drawText(rect, QVariant(index.data(Qt::TextAlignmentRole)).toInt(), option.fontMetrics.elidedText(text, Qt::ElideRight, rect.width()));
    }
    painter->restore();
}

bool RunsDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) {
    const bool isToggle = (event->type() == QEvent::MouseButtonRelease && static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton) ||
                          (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space);
    if (index.column() == RunsModel::Visible && isToggle) {
        const bool isVisible = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
        return model->setData(index, isVisible ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
    }
    return index.column() != RunsModel::Visible && QStyledItemDelegate::editorEvent(event, model, option, index);
}

void RunsDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const {
    if (!editor->property(kFilled).toBool()) {
        editor->setProperty(kFilled, true);
        QStyledItemDelegate::setEditorData(editor, index);
    }
}

void RunsDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const {
    editor->setGeometry(option.rect.adjusted(kPad + kSwatch, 1, 0, -1));
}

QIcon swatch(int colourIndex) {
    QPixmap pixmap(32, 32);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(runColour(colourIndex));
    painter.drawRoundedRect(QRectF(4, 4, 24, 24), 6, 6);
    return QIcon(pixmap);
}

}  // namespace rlcm::ui
