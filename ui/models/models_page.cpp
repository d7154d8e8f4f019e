#include "ui/models/models_page.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMimeData>
#include <QPushButton>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "core/run/run_config.h"
#include "ui/models/facts_view.h"
#include "ui/models/model_service.h"
#include "ui/models/model_words.h"
#include "ui/widgets/summary_delegate.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {

constexpr int kSideWidth = 264, kLeastSideWidth = 176;

/// A push button for an action, with its text, icon, tip and state.
QPushButton* makeButton(QAction* action) {
    auto* button = new QPushButton(action->icon(), action->text());
    button->setObjectName(action->objectName());
    button->setAutoDefault(false);
    const auto update = [button, action] {
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
    };
    QObject::connect(action, &QAction::changed, button, update);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    update();
    return button;
}

/// The folder that is dropped, or nothing.
QString droppedFolder(const QMimeData& data) {
    const QList<QUrl> urls = data.urls();
    return urls.size() == 1 && urls.front().isLocalFile() ? urls.front().toLocalFile() : QString();
}

}  // namespace

ModelsPage::ModelsPage(ModelService& service, QWidget* parent) : Page(parent), m_service(service) {
    setObjectName(QStringLiteral("modelsPage"));
    setAcceptDrops(true);
    const auto make = [this](const char* name, Icon which, const QString& text, const QKeySequence& key, const QString& tip) {
        auto* action = new QAction(icon(which), text, this);
        action->setObjectName(QLatin1String(name));
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(tip + QStringLiteral(" (%1)").arg(key.toString(QKeySequence::NativeText)));
        addAction(action);
        return action;
    };
    m_add = make("addModel", Icon::Add, tr("Add folder…"), QKeySequence(Qt::CTRL | Qt::Key_D), tr("Add a model folder; it stays where it is"));
    m_remove = make("removeModel", Icon::Trash, tr("Remove"), QKeySequence(Qt::Key_Delete), tr("Take the model off this list; its folder stays"));
    m_inspect = make("inspectModel", Icon::Refresh, tr("Inspect again"), QKeySequence(Qt::Key_F5), tr("Look at the folder again"));
    connect(m_add, &QAction::triggered, this, &ModelsPage::chooseFolder);
    connect(m_remove, &QAction::triggered, this, &ModelsPage::removeSelected);
    connect(m_inspect, &QAction::triggered, this, &ModelsPage::inspectSelected);

    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    columns->setSpacing(spacing::kLarge);
    columns->addWidget(makeSide(), 1);
    columns->addWidget(makeMain(), 2);

    connectService();
    m_wanted = QString::fromStdString(run::ModelConfig().path);
    showSelected();
    m_service.refresh();
}

void ModelsPage::connectService() {
    connect(&m_service, &ModelService::listed, this, &ModelsPage::onListed);
    connect(&m_service, &ModelService::inspected, this, [this](const run::ModelFacts& facts) {
        const QString name = QString::fromStdString(facts.name);
        if (const int row = rowOf(name); row >= 0) {
            describe(row);
        }
        if (name == selected()) {
            showSelected();
        }
    });
    connect(&m_service, &ModelService::removed, this, &ModelsPage::onRemoved);
    connect(&m_service, &ModelService::added, this, [this](const run::ModelEntry& entry) {
        m_message->dismiss();
        m_wanted = QString::fromStdString(entry.name);
        propose(m_wanted);
    });
    connect(&m_service, &ModelService::failed, this, [this](const QString& text) {
        m_undoFolder.clear();
        m_message->showMessage(MessageLevel::Error, text);
    });
    connect(m_message, &MessageBar::actionTriggered, this, [this] {
        m_message->dismiss();
        m_service.add(std::exchange(m_undoFolder, {}));
    });
}

QWidget* ModelsPage::makeSide() {
    auto* side = new QWidget;
    side->setMinimumWidth(kLeastSideWidth);
    side->setMaximumWidth(kSideWidth);
    m_model = new QStandardItemModel(this);
    m_list = makeSummaryList(m_model, "modelsList", tr("Models"));
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        showSelected();
        propose(selected());
    });
    auto* buttons = new FlowLayout(nullptr, spacing::kSmall, spacing::kSmall);
    buttons->addWidget(makeButton(m_add));
    buttons->addWidget(makeButton(m_remove));
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(m_list, 1);
    layout->addLayout(buttons);
    return side;
}

QWidget* ModelsPage::makeMain() {
    auto* main = new QWidget;
    m_message = new MessageBar;
    m_message->setObjectName(QStringLiteral("modelsMessage"));
    m_view = new FactsView;
    m_empty = new EmptyState(Icon::Folder, {}, {}, {});
    m_empty->setObjectName(QStringLiteral("modelsEmpty"));
    connect(m_empty, &EmptyState::triggered, m_add, &QAction::trigger);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_view);
    m_message->floatOver(m_stack);
    m_train = makePrimary(new QPushButton(icon(Icon::Play, Role::AccentText), tr("New run with it…")));
    m_train->setObjectName(QStringLiteral("trainModel"));
    m_train->setAutoDefault(false);
    connect(m_train, &QPushButton::clicked, this, [this] { Q_EMIT newRunRequested(m_service.facts(selected())); });
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::kSmall);
    buttons->addWidget(makeButton(m_inspect));
    buttons->addStretch(1);
    buttons->addWidget(m_train);
    auto* layout = new QVBoxLayout(main);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(m_stack, 1);
    layout->addLayout(buttons);
    return main;
}

int ModelsPage::rowOf(const QString& name) const {
    const QModelIndexList found = m_model->match(m_model->index(0, 0), Qt::DisplayRole, name, 1, Qt::MatchExactly | Qt::MatchCaseSensitive);
    return found.isEmpty() ? -1 : found.front().row();
}

QString ModelsPage::selected() const {
    return m_list->currentIndex().data().toString();
}

void ModelsPage::showView(const ViewState& state) {
    if (state.model != m_shown) {
        m_shown = state.model;
        select(state.model);
    }
}

void ModelsPage::propose(const QString& name) {
    if (name != m_shown) {
        Q_EMIT proposed({[name](ViewState& state) { state.model = name; }});
    }
}

void ModelsPage::select(const QString& name) {
    m_wanted = name;
    if (const int row = rowOf(name); row >= 0) {
        m_list->setCurrentIndex(m_model->index(row, 0));
        m_wanted.clear();
    }
}

bool ModelsPage::isShowingData() const {
    return !m_service.entries().empty() && m_service.allFacts().size() == m_service.entries().size();
}

void ModelsPage::onListed() {
    const QString keep = m_wanted.isEmpty() ? selected() : m_wanted;
    const int lastRow = m_list->currentIndex().row();
    {
        const QSignalBlocker quiet(m_list->selectionModel());
        m_model->clear();
        for (const run::ModelEntry& entry : m_service.entries()) {
            auto* item = new QStandardItem(QString::fromStdString(entry.name));
            item->setToolTip(QString::fromStdString(entry.folder.string()));
            m_model->appendRow(item);
            describe(m_model->rowCount() - 1);
        }
        const int row = rowOf(keep) >= 0 ? rowOf(keep) : std::clamp(lastRow, 0, std::max(0, m_model->rowCount() - 1));
        m_list->setCurrentIndex(m_model->index(row, 0));
        m_wanted.clear();
    }
    m_list->viewport()->update();
    showSelected();
    if (!m_shown.isEmpty()) {
        propose(selected());  // it may have gone
    }
}

/// The line below the name in the list.
void ModelsPage::describe(int row) {
    QStandardItem* item = m_model->item(row);
    const run::ModelFacts* facts = m_service.facts(item->text());
    item->setData(facts != nullptr ? summaryText(*facts) : tr("Looking at the folder…"), SummaryDelegate::SummaryRole);
    item->setData(facts != nullptr && !facts->problems.empty(), SummaryDelegate::HasProblemsRole);
}

void ModelsPage::onRemoved(const run::ModelEntry& entry) {
    const QString name = QString::fromStdString(entry.name);
    if (entry.isCopy) {
        m_message->showMessage(MessageLevel::Info, tr("“%1” and its copy are removed.").arg(name));
    } else {
        m_undoFolder = QString::fromStdString(entry.folder.string());
        m_message->showMessage(MessageLevel::Info, tr("“%1” is off the list; its folder stays where it is.").arg(name), tr("Undo"));
    }
}

void ModelsPage::showSelected() {
    const QString name = selected();
    const run::ModelEntry* entry = m_service.entry(name);
    const run::ModelFacts* facts = m_service.facts(name);
    if (facts != nullptr) {
        m_view->setFacts(*facts);
        m_stack->setCurrentWidget(m_view);
    } else {
        entry == nullptr ? m_empty->setContent(Icon::Folder, tr("No models"), tr("Add the folder of a model in the diffusers layout."), tr("Add folder…"))
                         : m_empty->setContent(Icon::Clock, name, tr("Looking at the folder…"));
        m_stack->setCurrentWidget(m_empty);
    }
    const bool isGenerator = facts != nullptr && (facts->kind == run::ModelKind::Consistency || facts->kind == run::ModelKind::Diffusion);
    const bool canTrain = isGenerator && facts->problems.empty();
    m_train->setEnabled(canTrain);
    m_train->setToolTip(canTrain ? tr("Open the form for a new run with this model")
                                 : tr("Only a consistency or diffusion model without problems can be trained"));
    m_inspect->setEnabled(facts != nullptr);
    m_remove->setEnabled(entry != nullptr && !entry->isBundled);
    m_remove->setToolTip(entry != nullptr && entry->isBundled ? tr("Bundled models stay") : tr("Take the model off this list; its folder stays (Del)"));
}

void ModelsPage::chooseFolder() {
    const QString folder = FileDialog::chooseFolder(this, tr("Add the folder of a model"), {});
    if (!folder.isEmpty()) {
        m_service.add(folder);
    }
}

void ModelsPage::removeSelected() {
    const run::ModelEntry* entry = m_service.entry(selected());
    if (entry == nullptr) {
        return;
    }
    if (entry->isCopy) {
        Question question;
        question.level = MessageLevel::Warning;
        question.title = tr("Delete the copy of “%1”?").arg(QString::fromStdString(entry->name));
        question.text = tr("Its files were copied when it was added and are deleted now. This can not be undone.");
        question.buttons = {tr("Delete"), tr("Cancel")};
        question.dangerButton = 0;
        question.defaultButton = question.cancelButton = 1;
        if (MessageBox::ask(this, question) != 0) {
            return;
        }
    }
    m_service.remove(*entry);
}

void ModelsPage::inspectSelected() {
    if (const run::ModelEntry* entry = m_service.entry(selected())) {
        m_service.inspect(*entry);
        describe(m_list->currentIndex().row());
        showSelected();
    }
}

void ModelsPage::dragEnterEvent(QDragEnterEvent* event) {
    if (!droppedFolder(*event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
    }
}

void ModelsPage::dropEvent(QDropEvent* event) {
    if (const QString folder = droppedFolder(*event->mimeData()); !folder.isEmpty()) {
        event->acceptProposedAction();
        m_service.add(folder);
    }
}

}  // namespace rlcm::ui
