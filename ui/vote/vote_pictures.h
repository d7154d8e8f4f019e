#pragma once
#include <QStringList>
#include <QWidget>
#include <array>

namespace rlcm::ui {

class ThumbnailCache;

/// Two images beside each other, as large as there is room, small ones enlarged by a whole number and not blurred. Nothing of where they are from is told.
class VotePictures : public QWidget {
    Q_OBJECT
public:
    explicit VotePictures(QWidget* parent = nullptr);
    void setFiles(const QString& left, const QString& right);
    /// Decodes the next ones, so that nobody waits for them.
    void prepare(const QStringList& files) const;
    /// Both are on the screen, or known not to be readable.
    bool isSettled() const;
    /// Both can be seen, so that one can be chosen.
    bool isWhole() const;

Q_SIGNALS:
    void clicked(bool isLeft);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    QRect half(std::size_t side) const;

    ThumbnailCache* m_images;
    std::array<QString, 2> m_files;
};

}  // namespace rlcm::ui
