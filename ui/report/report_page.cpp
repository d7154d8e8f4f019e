#include "ui/report/report_page.h"

#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/report/card_view.h"
#include "ui/report/report_desk.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {
namespace {

QString kindText(report::CardKind kind) {
    switch (kind) {
        case report::CardKind::Text:
            return ReportPage::tr("Text");
        case report::CardKind::Figure:
            return ReportPage::tr("Figure");
        case report::CardKind::Images:
            return ReportPage::tr("Images");
        case report::CardKind::Table:
            return ReportPage::tr("Table");
    }
    return {};
}

Icon kindIcon(report::CardKind kind) {
    switch (kind) {
        case report::CardKind::Text:
            return Icon::Rename;
        case report::CardKind::Figure:
            return Icon::Chart;
        case report::CardKind::Images:
            return Icon::Grid;
        case report::CardKind::Table:
            return Icon::Table;
    }
    return Icon::Info;
}

QString nameOf(const report::Card& card) {
    const QString title = oneLine(card.title.empty() ? card.words : card.title);
    return title.isEmpty() ? kindText(card.kind) : title;
}

}  // namespace

ReportPage::ReportPage(ReportDesk& desk, QWidget* parent) : Page(parent), m_desk(desk) {
    setObjectName(QStringLiteral("reportPage"));
    m_empty = new EmptyState(Icon::Export, tr("Nothing in the report yet"),
                             tr("“Export…” on any page adds its figure, images or table here; texts stand between them. The report is saved as HTML or PDF."),
                             tr("Add text"));
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(spacing::kMedium);
    split->addWidget(makeList());
    split->addWidget(makeEditor());
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 5);
    keepLayout(split, QStringLiteral("report/split"));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(split);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    layout->addWidget(m_stack);
    m_message = new MessageBar;
    m_message->setObjectName(QStringLiteral("reportMessage"));
    m_message->floatOver(this);
    connectAll();
    showReport();
}

QPushButton* ReportPage::makeButton(const char* name, Icon which, const QString& text, const QString& tip) {
    auto* button = new QPushButton(icon(which), text);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(tip);
    button->setAccessibleName(text.isEmpty() ? tip : text);
    button->setAutoDefault(false);
    return button;
}

QWidget* ReportPage::makeList() {
    m_title = new QLineEdit;
    m_title->setObjectName(QStringLiteral("reportTitle"));
    m_title->setPlaceholderText(tr("Title of the report"));
    m_title->setAccessibleName(m_title->placeholderText());
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("reportCards"));
    m_list->setAccessibleName(tr("Cards of the report"));
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setToolTip(tr("Drag a card to another place"));
    m_addText = makeButton("addText", Icon::Add, tr("Text"), tr("A card of words behind the one that is shown"));
    m_up = makeButton("cardUp", Icon::Previous, tr("Up"), tr("One place up"));
    m_down = makeButton("cardDown", Icon::Next, tr("Down"), tr("One place down"));
    m_remove = makeButton("removeCard", Icon::Trash, {}, tr("Take the card out of the report; can be undone"));
    m_save = makePrimary(makeButton("saveReport", Icon::Export, tr("Save as…"), tr("One file, HTML or PDF")));
    m_save->setIcon(icon(Icon::Export, Role::AccentText));
    auto* row = new QHBoxLayout;
    row->setSpacing(spacing::kSmall);
    for (QPushButton* button : {m_addText, m_up, m_down, m_remove}) {
        row->addWidget(button);
    }
    row->addStretch(1);
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kSmall);
    column->addWidget(m_title);
    column->addWidget(m_list, 1);
    column->addLayout(row);
    column->addWidget(m_save);
    return side;
}

QWidget* ReportPage::makeEditor() {
    m_kind = makeMuted(new QLabel);
    m_cardTitle = new QLineEdit;
    m_cardTitle->setObjectName(QStringLiteral("cardTitle"));
    m_cardTitle->setPlaceholderText(tr("Heading of the card"));
    m_cardTitle->setAccessibleName(m_cardTitle->placeholderText());
    m_words = new QPlainTextEdit;
    m_words->setObjectName(QStringLiteral("cardWords"));
    m_words->setAccessibleName(tr("Words of the card"));
    m_words->setTabChangesFocus(true);
    m_words->installEventFilter(this);
    m_view = new CardView;
    auto* both = new QSplitter(Qt::Vertical);
    both->setChildrenCollapsible(false);
    both->setHandleWidth(spacing::kMedium);
    both->addWidget(m_view);
    both->addWidget(m_words);
    both->setStretchFactor(0, 3);
    both->setStretchFactor(1, 1);
    keepLayout(both, QStringLiteral("report/card"));
    auto* editor = new QWidget;
    auto* column = new QVBoxLayout(editor);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kSmall);
    column->addWidget(m_kind);
    column->addWidget(m_cardTitle);
    column->addWidget(both, 1);
    m_side = new QStackedWidget;
    m_side->addWidget(new EmptyState(Icon::Export, tr("No card selected"), tr("Select a card on the left.")));
    m_side->addWidget(editor);
    return m_side;
}

void ReportPage::connectAll() {
    connect(&m_desk, &ReportDesk::changed, this, &ReportPage::showReport);
    connect(&m_desk, &ReportDesk::saved, this, [this](const QString& file) {
        m_saved = file;
        m_save->setEnabled(true);
        m_message->showMessage(MessageLevel::Success, tr("Saved %1").arg(QFileInfo(file).fileName()), tr("Open"));
    });
    connect(&m_desk, &ReportDesk::failed, this, [this](const QString& text) {
        m_saved.clear();
        showReport();
        m_message->showMessage(MessageLevel::Error, text);
    });
    connect(m_message, &MessageBar::actionTriggered, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_saved)); });
    connect(m_empty, &EmptyState::triggered, this, &ReportPage::addText);
    connect(m_title, &QLineEdit::editingFinished, this, &ReportPage::takeTitle);
    connect(m_cardTitle, &QLineEdit::editingFinished, this, &ReportPage::takeCard);
    connect(m_list, &QListWidget::currentRowChanged, this, &ReportPage::showCard);
    connect(m_list->model(), &QAbstractItemModel::rowsMoved, this, &ReportPage::takeOrder, Qt::QueuedConnection);
    connect(m_addText, &QPushButton::clicked, this, &ReportPage::addText);
    connect(m_up, &QPushButton::clicked, this, [this] { move(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { move(1); });
    connect(m_remove, &QPushButton::clicked, this, &ReportPage::removeCard);
    connect(m_save, &QPushButton::clicked, this, &ReportPage::save);
}

bool ReportPage::isShowingData() const {
    return m_desk.isLoaded();
}

int ReportPage::current() const {
    return m_list->currentRow();
}

void ReportPage::showReport() {
    const report::CardReport& shown = m_desk.report();
    const int wanted = std::exchange(m_wanted, -1), now = wanted >= 0 ? wanted : current();
    m_stack->setCurrentIndex(shown.cards.empty() ? 0 : 1);
    m_empty->setEnabled(m_desk.isLoaded());
    m_save->setEnabled(!shown.cards.empty());
    if (const QString title = QString::fromStdString(shown.title); m_title->text() != title) {
        m_title->setText(title);
    }
    {
        const QSignalBlocker quiet(m_list);
        m_list->clear();
        for (const report::Card& card : shown.cards) {
            auto* item = new QListWidgetItem(icon(kindIcon(card.kind)), nameOf(card), m_list);
            item->setData(Qt::UserRole, m_list->count() - 1);
            item->setToolTip(plainToolTip(kindText(card.kind)));
        }
        m_list->setCurrentRow(std::min(std::max(0, now), m_list->count() - 1));
    }
    showCard();
}

void ReportPage::showCard() {
    const int at = current();
    m_side->setCurrentIndex(at < 0 ? 0 : 1);
    m_up->setEnabled(at > 0);
    m_down->setEnabled(at >= 0 && at + 1 < m_list->count());
    m_remove->setEnabled(at >= 0);
    if (at < 0) {
        return;
    }
    const report::Card& card = m_desk.report().cards[static_cast<std::size_t>(at)];
    m_kind->setText(kindText(card.kind));
    m_cardTitle->setText(QString::fromStdString(card.title));
    if (const QString words = QString::fromStdString(card.words); m_words->toPlainText() != words) {
        const QSignalBlocker quiet(m_words);
        m_words->setPlainText(words);
    }
    m_words->setPlaceholderText(card.kind == report::CardKind::Text ? tr("The text; blank lines part paragraphs") : tr("What stands below it"));
    m_view->setVisible(card.kind != report::CardKind::Text);
    m_view->setCard(card);
}

// --- changes
// ---------------------------------------------------------------------------------------------------------

void ReportPage::takeTitle() {
    report::CardReport next = m_desk.report();
    next.title = m_title->text().trimmed().toStdString();
    m_desk.change(tr("title of the report"), std::move(next));
}

void ReportPage::takeCard() {
    report::CardReport next = m_desk.report();
    if (const int at = current(); at >= 0 && at < static_cast<int>(next.cards.size())) {
        report::Card& card = next.cards[static_cast<std::size_t>(at)];
        card.title = m_cardTitle->text().trimmed().toStdString();
        card.words = m_words->toPlainText().toStdString();
        m_desk.change(tr("words of a card"), std::move(next));
    }
}

bool ReportPage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_words && event->type() == QEvent::FocusOut) {
        takeCard();
    }
    return Page::eventFilter(watched, event);
}

void ReportPage::addText() {
    report::CardReport next = m_desk.report();
    m_wanted = next.cards.empty() ? 0 : current() + 1;
    next.cards.insert(next.cards.begin() + m_wanted, report::Card{.title = tr("New text").toStdString()});
    m_desk.change(tr("card of the report"), std::move(next));
    m_cardTitle->setFocus();
    m_cardTitle->selectAll();
}

void ReportPage::move(int by) {
    report::CardReport next = m_desk.report();
    const int at = current();
    m_wanted = at + by;
    std::swap(next.cards[static_cast<std::size_t>(at)], next.cards[static_cast<std::size_t>(m_wanted)]);
    m_desk.change(tr("order of the report"), std::move(next));
}

void ReportPage::removeCard() {
    report::CardReport next = m_desk.report();
    next.cards.erase(next.cards.begin() + current());
    m_desk.change(tr("card of the report"), std::move(next));
}

/// As the list has them after a card was dragged.
void ReportPage::takeOrder() {
    const report::CardReport& now = m_desk.report();
    report::CardReport next{.title = now.title};
    for (int row = 0; row < m_list->count(); ++row) {
        next.cards.push_back(now.cards[static_cast<std::size_t>(m_list->item(row)->data(Qt::UserRole).toInt())]);
    }
    m_wanted = current();
    m_desk.change(tr("order of the report"), std::move(next));
}

void ReportPage::save() {
    QString name = m_desk.report().title.empty() ? tr("Report") : oneLine(m_desk.report().title);
    name.replace(QLatin1Char('/'), QLatin1Char('-'));
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString file =
        FileDialog::saveFile(this, tr("Save the report"), QDir(folder).filePath(name + QStringLiteral(".html")), tr("Web page (*.html);;PDF (*.pdf)"));
    if (!file.isEmpty()) {
        m_save->setEnabled(false);
        m_message->showMessage(MessageLevel::Info, tr("Writing the report…"));
        m_desk.save(file);
    }
}

}  // namespace rlcm::ui
