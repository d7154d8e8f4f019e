#include "ui/widgets/summary_delegate.h"

#include <QApplication>
#include <QListView>
#include <QPainter>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {
constexpr int kItemPad = 10;
constexpr int kWarningMark = 16;
constexpr int kLineGap = 2;
}  // namespace

void SummaryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem style = option;
    initStyleOption(&style, index);
    style.text.clear();
    style.state &= ~QStyle::State_HasFocus;
    const QWidget* widget = option.widget;
    (widget != nullptr ? widget->style() : QApplication::style())->drawControl(QStyle::CE_ItemViewItem, &style, painter, widget);

    painter->save();
    QRect rect = option.rect.adjusted(kItemPad, 0, -kItemPad, 0);
    if (index.data(HasProblemsRole).toBool()) {
        icon(Icon::Warning, ui::Role::Warning)
            .paint(painter, QRect(rect.right() - kWarningMark + 1, rect.center().y() - kWarningMark / 2, kWarningMark, kWarningMark));
        rect.setRight(rect.right() - kWarningMark - kItemPad);
    }
    QFont bold = option.font;
    bold.setWeight(QFont::DemiBold);
    const QFontMetrics strong(bold), plain(option.font);
    const int top = rect.center().y() - (strong.height() + kLineGap + plain.height()) / 2 + 1;
    painter->setFont(bold);
    painter->setPen(colour(ui::Role::Text));
    painter->drawText(QRect(rect.x(), top, rect.width(), strong.height()), Qt::AlignLeft | Qt::AlignVCenter,
                      strong.elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
    painter->setFont(option.font);
    painter->setPen(colour(ui::Role::MutedText));
    painter->drawText(QRect(rect.x(), top + strong.height() + kLineGap, rect.width(), plain.height()), Qt::AlignLeft | Qt::AlignVCenter,
                      plain.elidedText(index.data(SummaryRole).toString(), Qt::ElideRight, rect.width()));
    painter->restore();
}

QSize SummaryDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    return {160, 2 * QFontMetrics(option.font).height() + kLineGap + 2 * kItemPad};
}

QListView* makeSummaryList(QAbstractItemModel* model, const char* name, const QString& title) {
    auto* list = new QListView;
    list->setObjectName(QLatin1String(name));
    list->setAccessibleName(title);
    list->setModel(model);
    list->setItemDelegate(new SummaryDelegate(list));
    list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setUniformItemSizes(true);
    return list;
}

}  // namespace rlcm::ui
