#pragma once
// What a card shows, small enough for the page.
#include <QImage>
#include <QWidget>

#include "core/report/cards.h"

class QLabel;
class QStackedLayout;
class QTableWidget;

namespace rlcm::ui {

/// A figure or grid as a picture, a table as a table; a text is edited beside it, so there is nothing to see. thread: GUI.
/// objectNames: cardPicture, cardTable.
class CardView : public QWidget {
    Q_OBJECT
public:
    explicit CardView(QWidget* parent = nullptr);
    void setCard(const report::Card& card);
    const QImage& picture() const { return m_picture; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showPicture();
    void fillTable(const std::string& csv);

    QStackedLayout* m_stack;
    QLabel* m_label;
    QTableWidget* m_table;
    QImage m_picture;
};

/// A figure or grid as a picture of at most that width; null when it is none.
QImage pictureOf(const report::Card& card, int width);

}  // namespace rlcm::ui
