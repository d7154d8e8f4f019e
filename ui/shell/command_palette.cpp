#include "ui/shell/command_palette.h"

#include <QApplication>
#include <QGraphicsDropShadowEffect>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/shell/fuzzy_match.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

constexpr int kWidth = 620, kHeight = 420, kTop = 48, kRowHeight = 30;
constexpr std::size_t kMostShown = 100;  // nobody reads more
constexpr int kKindRole = Qt::UserRole, kKeysRole = Qt::UserRole + 1;

/// Kind, text, and the keys at the right.
class CommandDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {100, kRowHeight}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem style = option;
        initStyleOption(&style, index);
        style.text.clear();
        style.state &= ~QStyle::State_HasFocus;
        style.widget->style()->drawControl(QStyle::CE_ItemViewItem, &style, painter, style.widget);
        painter->save();
        const QFontMetrics metrics(style.font);
        const QRect room = option.rect.adjusted(spacing::kSmall, 0, -spacing::kMedium, 0);
        const QString kind = index.data(kKindRole).toString(), keys = index.data(kKeysRole).toString();
        const int kindWidth = metrics.horizontalAdvance(QStringLiteral("Measures")) + spacing::kMedium, keysWidth = metrics.horizontalAdvance(keys);
        const bool isEnabled = index.flags().testFlag(Qt::ItemIsEnabled);
        painter->setPen(colour(ui::Role::MutedText));
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft, kind);
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignRight, keys);
        painter->setPen(colour(isEnabled ? ui::Role::Text : ui::Role::DisabledText));
        const QRect middle = room.adjusted(kindWidth, 0, -keysWidth - spacing::kMedium, 0);
        painter->drawText(middle, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(index.data().toString(), Qt::ElideMiddle, middle.width()));
        painter->restore();
    }
};

}  // namespace

CommandPalette::CommandPalette(std::vector<Command> commands, QWidget* host)
    : QFrame(host), m_commands(std::move(commands)), m_host(host), m_focusBefore(QApplication::focusWidget()) {
    setObjectName(QStringLiteral("commandPalette"));
    makeCard(this);
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("commandSearch"));
    m_search->setPlaceholderText(tr("Action, page, run, measure, axis, preset or setting"));
    m_search->setAccessibleName(tr("Find a command"));
    m_search->addAction(icon(Icon::Search, Role::MutedText), QLineEdit::LeadingPosition);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("commandList"));
    m_list->setAccessibleName(tr("Commands"));
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFocusPolicy(Qt::NoFocus);
    makePlain(m_list);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kSmall, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    column->setSpacing(spacing::kSmall);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(32);
    shadow->setOffset(0, 6);
    setGraphicsEffect(shadow);
    connect(m_search, &QLineEdit::textChanged, this, &CommandPalette::showMatches);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { choose(m_list->row(item)); });
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
        if (now != nullptr && now != this && !isAncestorOf(now)) {
            m_focusBefore = nullptr;  // it is where the user has put it
            shut();
        }
    });
    m_search->installEventFilter(this);
    host->installEventFilter(this);
    showMatches();
    place();
    show();
    raise();
    m_search->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::add(std::vector<Command> commands) {
    std::ranges::move(commands, std::back_inserter(m_commands));
    showMatches();
}

void CommandPalette::place() {
    const int width = std::min(kWidth, m_host->width() - 2 * spacing::kLarge), top = std::min(kTop, m_host->height() / 8);
    setGeometry((m_host->width() - width) / 2, top, width, std::min(kHeight, m_host->height() - top - spacing::kLarge));
}

/// The best first; those that cannot be done now come after all that can.
void CommandPalette::showMatches() {
    struct Match {
        std::size_t index = 0;
        double score = 0;
    };
    std::vector<Match> matches;
    for (std::size_t i = 0; i < m_commands.size(); ++i) {
        const Command& command = m_commands[i];
        if (const std::optional<double> score = fuzzyScore(m_search->text(), command.kind + QLatin1Char(' ') + command.text)) {
            matches.push_back({i, *score});
        }
    }
    const bool isTyped = !m_search->text().trimmed().isEmpty();
    std::ranges::stable_sort(matches, [&](const Match& a, const Match& b) {
        const bool first = m_commands[a.index].isEnabled, second = m_commands[b.index].isEnabled;
        return first != second ? first : isTyped && a.score > b.score;
    });
    matches.resize(std::min(matches.size(), kMostShown));
    m_shown.clear();
    m_list->clear();
    for (const Match& match : matches) {
        const Command& command = m_commands[match.index];
        auto* item = new QListWidgetItem(command.text, m_list);
        item->setData(kKindRole, command.kind);
        item->setData(kKeysRole, command.keys);
        item->setData(Qt::AccessibleTextRole, command.kind + QStringLiteral(": ") + command.text);
        if (!command.isEnabled) {
            item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
            item->setToolTip(tr("Not possible now"));
        }
        m_shown.push_back(match.index);
    }
    if (matches.empty()) {
        auto* nothing = new QListWidgetItem(tr("Nothing is called so."), m_list);
        nothing->setFlags(Qt::NoItemFlags);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::step(int rows) {
    m_list->setCurrentRow(std::clamp(m_list->currentRow() + rows, 0, std::max(0, m_list->count() - 1)));
}

void CommandPalette::choose(int row) {
    if (row < 0 || row >= static_cast<int>(m_shown.size())) {
        return;
    }
    const Command command = m_commands[m_shown[static_cast<std::size_t>(row)]];
    if (command.isEnabled) {
        shut();
        command.run();
    }
}

void CommandPalette::shut() {
    if (std::exchange(m_isShut, true)) {
        return;
    }
    hide();
    if (m_focusBefore) {
        m_focusBefore->setFocus(Qt::OtherFocusReason);
    }
    deleteLater();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_host && event->type() == QEvent::Resize) {
        place();
    }
    if (watched != m_search || event->type() != QEvent::KeyPress) {
        return QFrame::eventFilter(watched, event);
    }
    const int page = std::max(1, m_list->viewport()->height() / kRowHeight - 1);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Up:
            step(-1);
            return true;
        case Qt::Key_Down:
            step(1);
            return true;
        case Qt::Key_PageUp:
            step(-page);
            return true;
        case Qt::Key_PageDown:
            step(page);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            choose(m_list->currentRow());
            return true;
        case Qt::Key_Escape:
            shut();
            return true;
        default:
            return QFrame::eventFilter(watched, event);
    }
}

}  // namespace rlcm::ui
