#include "ui/runs/deleted_runs_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/store_service.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {
enum Column { Name, Epochs, Size };
constexpr int kId = Qt::UserRole;
constexpr int kLeastColumn = 84;
run::RunId idOf(const QTreeWidgetItem* item) {
    return item->data(Name, kId).toString().toStdString();
}
}  // namespace

DeletedRunsDialog::DeletedRunsDialog(StoreService& store, QWidget* parent) : QDialog(parent), m_store(store) {
    setObjectName(QStringLiteral("deletedRunsDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Deleted runs"));
    m_list = new QTreeWidget;
    m_list->setObjectName(QStringLiteral("deletedRuns"));
    m_list->setAccessibleName(tr("Deleted runs"));
    m_list->setHeaderLabels({tr("Run"), tr("Epochs"), tr("Size")});
    m_list->headerItem()->setTextAlignment(Size, Qt::AlignRight | Qt::AlignVCenter);
    m_list->setRootIsDecorated(false);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setMinimumSectionSize(kLeastColumn);
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_list->header()->setSectionResizeMode(Name, QHeaderView::Stretch);
    m_total = makeMuted(new QLabel);
    m_total->setObjectName(QStringLiteral("deletedTotal"));
    m_problem = new MessageBar;
    m_restore = new QPushButton(tr("&Restore"));
    m_restore->setObjectName(QStringLiteral("restoreRuns"));
    m_purge = makeDanger(new QPushButton(tr("&Delete for good…")));
    m_purge->setObjectName(QStringLiteral("purgeRuns"));
    auto* close = new QPushButton(tr("Close"));
    for (QPushButton* button : {m_restore, m_purge, close}) {
        button->setAutoDefault(false);
    }
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::kSmall);
    buttons->addWidget(m_total, 1);
    buttons->addWidget(m_restore);
    buttons->addWidget(m_purge);
    buttons->addWidget(close);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_problem);
    layout->addLayout(buttons);
    connect(m_restore, &QPushButton::clicked, this, &DeletedRunsDialog::restoreSelected);
    connect(m_purge, &QPushButton::clicked, this, &DeletedRunsDialog::purgeSelected);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, &DeletedRunsDialog::updateButtons);
    connect(&m_store, &StoreService::changed, this, &DeletedRunsDialog::refresh);
    resize(620, 380);
    updateButtons();
    refresh();
}

void DeletedRunsDialog::refresh() {
    m_store.read(
        this,
        [](const store::StoreReader& reader) {
            std::vector<store::RunRow> runs = reader.runs(true);
            std::erase_if(runs, [](const store::RunRow& run) { return !run.isDeleted; });
            return runs;
        },
        [this](const std::vector<store::RunRow>& runs) { take(runs); });
}

void DeletedRunsDialog::take(const std::vector<store::RunRow>& runs) {
    for (int row = m_list->topLevelItemCount() - 1; row >= 0; --row) {
        const run::RunId id = idOf(m_list->topLevelItem(row));
        if (std::none_of(runs.begin(), runs.end(), [&](const store::RunRow& run) { return run.id == id; })) {
            delete m_list->takeTopLevelItem(row);
            m_bytes.erase(id);
        }
    }
    for (const store::RunRow& run : runs) {
        bool isListed = false;
        for (int row = 0; row < m_list->topLevelItemCount() && !isListed; ++row) {
            isListed = idOf(m_list->topLevelItem(row)) == run.id;
        }
        if (isListed) {
            continue;
        }
        auto* item = new QTreeWidgetItem({oneLine(run.name), tr("%1 / %2").arg(run.counters.epoch).arg(run.epochs), QStringLiteral("…")});
        item->setData(Name, kId, QString::fromStdString(run.id));
        item->setTextAlignment(Size, Qt::AlignRight | Qt::AlignVCenter);
        m_list->addTopLevelItem(item);
        m_store.edit(
            this, [id = run.id](store::StoreEditor& editor) { return std::pair(id, editor.bytesOnDisk(id)); },
            [this](const std::pair<run::RunId, std::int64_t>& size) {
                m_bytes[size.first] = size.second;
                for (int row = 0; row < m_list->topLevelItemCount(); ++row) {
                    if (idOf(m_list->topLevelItem(row)) == size.first) {
                        m_list->topLevelItem(row)->setText(Size, formatBytes(size.second));
                    }
                }
                updateButtons();
            });
    }
    updateButtons();
}

std::vector<run::RunId> DeletedRunsDialog::selectedIds() const {
    std::vector<run::RunId> ids;
    for (const QTreeWidgetItem* item : m_list->selectedItems()) {
        ids.push_back(idOf(item));
    }
    return ids;
}

std::int64_t DeletedRunsDialog::bytesOf(const std::vector<run::RunId>& ids) const {
    std::int64_t bytes = 0;
    for (const run::RunId& id : ids) {
        const auto found = m_bytes.find(id);
        bytes += found == m_bytes.end() ? 0 : found->second;
    }
    return bytes;
}

void DeletedRunsDialog::updateButtons() {
    const std::vector<run::RunId> ids = selectedIds();
    m_restore->setEnabled(!ids.empty());
    m_purge->setEnabled(!ids.empty());
    std::int64_t all = 0;
    for (const auto& [id, bytes] : m_bytes) {
        all += bytes;
    }
    const int count = m_list->topLevelItemCount();
    m_total->setText(count == 0    ? tr("Nothing is deleted.")
                     : ids.empty() ? tr("%1 in all; select runs to restore or remove them").arg(formatBytes(all))
                                   : tr("%1 selected, %2").arg(ids.size()).arg(formatBytes(bytesOf(ids))));
}

void DeletedRunsDialog::restoreSelected() {
    m_problem->dismiss();
    for (const run::RunId& id : selectedIds()) {
        m_store.edit(
            this, [id](store::StoreEditor& editor) { editor.undelete(id); },
            [this, id] {
                refresh();
                Q_EMIT restored(id);
            });
    }
}

void DeletedRunsDialog::purgeSelected() {
    const std::vector<run::RunId> ids = selectedIds();
    Question question;
    question.level = MessageLevel::Warning;
    question.title =
        ids.size() == 1 ? tr("Delete “%1” for good?").arg(m_list->selectedItems().front()->text(Name)) : tr("Delete %1 runs for good?").arg(ids.size());
    question.text = tr("Curves, images and checkpoints are removed, and %1 are free again. This cannot be undone.").arg(formatBytes(bytesOf(ids)));
    question.buttons = {tr("Delete for good"), tr("Cancel")};
    question.dangerButton = 0;
    question.defaultButton = 1;
    question.cancelButton = 1;
    if (MessageBox::ask(this, question) != 0) {
        return;
    }
    m_problem->dismiss();
    // One job for each run, so that the window's reads come in between.
    for (const run::RunId& id : ids) {
        m_store.edit(
            this, [id](store::StoreEditor& editor) { editor.purge(id); }, [this] { refresh(); },
            [this](const QString& message) {
                m_problem->showMessage(MessageLevel::Error, message);
                refresh();
            });
    }
}

}  // namespace rlcm::ui
