#include "ui/report/card_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStackedLayout>
#include <QSvgRenderer>
#include <QTableWidget>
#include <algorithm>

#include "core/figure/csv.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {
constexpr int kPictureWidth = 1600;  ///< pixels: sharp in the largest window
}  // namespace

QImage pictureOf(const report::Card& card, int width) {
    const QByteArray bytes = QByteArray::fromStdString(card.content);
    if (card.kind == report::CardKind::Images) {
        const QImage image = QImage::fromData(bytes);
        return image.width() > width ? image.scaledToWidth(width, Qt::SmoothTransformation) : image;
    }
    QSvgRenderer renderer(bytes);
    if (card.kind != report::CardKind::Figure || !renderer.isValid()) {
        return {};
    }
    QImage image(renderer.defaultSize().scaled(width, width, Qt::KeepAspectRatio), QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::white);
    QPainter painter(&image);
    renderer.render(&painter);
    return image;
}

CardView::CardView(QWidget* parent) : QWidget(parent), m_stack(new QStackedLayout(this)), m_label(new QLabel), m_table(new QTableWidget) {
    m_label->setObjectName(QStringLiteral("cardPicture"));
    m_label->setAlignment(Qt::AlignCenter);
    m_label->setMinimumSize(120, 80);
    m_label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    m_table->setObjectName(QStringLiteral("cardTable"));
    m_table->setAccessibleName(tr("Table of the card"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->verticalHeader()->hide();
    makePlain(m_table);
    m_stack->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_label);
    m_stack->addWidget(m_table);
}

void CardView::setCard(const report::Card& card) {
    m_picture = pictureOf(card, kPictureWidth);
    if (card.kind == report::CardKind::Table) {
        fillTable(card.content);
    }
    m_stack->setCurrentIndex(card.kind == report::CardKind::Table ? 1 : 0);
    m_label->setAccessibleName(m_picture.isNull() ? QString() : QString::fromStdString(card.title));
    showPicture();
}

void CardView::showPicture() {
    const double ratio = devicePixelRatioF();
    QPixmap shown = m_picture.isNull() ? QPixmap() : QPixmap::fromImage(m_picture.scaled(size() * ratio, Qt::KeepAspectRatio, Qt::SmoothTransformation));
    shown.setDevicePixelRatio(ratio);
    m_label->setPixmap(shown);
}

void CardView::fillTable(const std::string& csv) {
    const std::vector<std::vector<std::string>> rows = figure::csvRows(csv);
    m_table->clear();
    m_table->setRowCount(std::max(0, static_cast<int>(rows.size()) - 1));
    m_table->setColumnCount(rows.empty() ? 0 : static_cast<int>(rows.front().size()));
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
        const std::vector<std::string>& cells = rows[static_cast<std::size_t>(row)];
        for (int column = 0; column < std::min(m_table->columnCount(), static_cast<int>(cells.size())); ++column) {
            auto* item = new QTableWidgetItem(QString::fromStdString(cells[static_cast<std::size_t>(column)]));
            row == 0 ? m_table->setHorizontalHeaderItem(column, item) : m_table->setItem(row - 1, column, item);
        }
    }
    m_table->resizeColumnsToContents();
}

void CardView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    showPicture();
}

}  // namespace rlcm::ui
