#pragma once
#include <QLayout>
#include <QList>

namespace rlcm::ui {

/// Items from left to right, wrapping into as many rows as the width needs, each row vertically centred. For
/// control strips that must fit narrow windows and large fonts.
class FlowLayout : public QLayout {
    Q_OBJECT
public:
    explicit FlowLayout(QWidget* parent = nullptr, int horizontalSpacing = 16, int verticalSpacing = 8);
    ~FlowLayout() override;
    void addItem(QLayoutItem* item) override;
    int count() const override;
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

private:
    int arrange(const QRect& rect, bool isApplied) const;

    QList<QLayoutItem*> m_items;
    int m_horizontalSpacing, m_verticalSpacing;
};

}  // namespace rlcm::ui
