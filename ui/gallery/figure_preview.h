#pragma once
#include <QImage>
#include <QString>
#include <QWidget>

namespace rlcm::ui {

/// A figure as it will be on paper, as large as there is room; or why there is none. objectName: exportPreview.
class FigurePreview : public QWidget {
    Q_OBJECT
public:
    explicit FigurePreview(QWidget* parent = nullptr);
    void setPicture(const QImage& picture);
    void setWords(const QString& words);
    const QImage& picture() const { return m_picture; }
    const QString& words() const { return m_words; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QImage m_picture;
    QString m_words;  // in place of a picture
};

}  // namespace rlcm::ui
