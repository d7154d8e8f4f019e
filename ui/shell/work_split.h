#pragma once
// The list of runs beside the pages.
#include <QSplitter>

namespace rlcm::ui {

/// As the user has it, but the list gives way where the pages would have to scroll sideways, and comes back with the room. thread: GUI.
class WorkSplit : public QSplitter {
    Q_OBJECT
public:
    static constexpr int kUsualListWidth = 424;
    /// `needs`: whose least width the second part should have.
    WorkSplit(QWidget* list, QWidget* pages, const QWidget* needs);
    /// Width of the list as the user has it, which may be more than it has room for.
    int listWidth() const { return m_chosen; }
    void setListWidth(int width);

Q_SIGNALS:
    void listResized(int width);  ///< by the user

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();

    const QWidget* m_needs;
    int m_chosen;
};

}  // namespace rlcm::ui
