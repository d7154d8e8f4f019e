#pragma once
#include <QFrame>
#include <QPointer>
#include <QString>
#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace rlcm::ui {

/// Something that can be done or gone to by its name.
struct Command {
    QString kind = {};  ///< "Action", "Run": shown muted
    QString text = {};
    QString keys = {};  ///< of its shortcut
    bool isEnabled = true;
    std::function<void()> run = {};  ///< called after the palette has closed
};

/// Finds commands by some of their letters, over the window: keyboard only. Up and down choose, Return does it, Escape and a click elsewhere close. Deletes itself.
/// objectNames: commandPalette, commandSearch, commandList.
class CommandPalette : public QFrame {
    Q_OBJECT
public:
    /// `host`: the widget over whose upper middle it lies.
    CommandPalette(std::vector<Command> commands, QWidget* host);
    /// More of them, known only now.
    void add(std::vector<Command> commands);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    void showMatches();
    void step(int rows);
    void choose(int row);
    void shut();

    std::vector<Command> m_commands;
    std::vector<std::size_t> m_shown;  // by row
    QPointer<QWidget> m_host, m_focusBefore;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
    bool m_isShut = false;
};

}  // namespace rlcm::ui
