#include "ui/studies/studies_page.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QListView>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/files.h"
#include "core/study/findings.h"
#include "core/study/report.h"
#include "ui/bridge/store_service.h"
#include "ui/studies/report_pdf.h"
#include "ui/studies/study_view.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/summary_delegate.h"

namespace rlcm::ui {
namespace {

constexpr int kSideWidth = 264;
constexpr int kNameRole = Qt::UserRole + 10;

QString summaryOf(const StudyCard& card) {
    if (!card.plan) {
        return QString::fromStdString(card.error);
    }
    const auto runs = static_cast<int>(card.plan->runs.size());
    if (card.progress.finished > 0) {
        return StudiesPage::tr("%1 of %2 runs finished").arg(card.progress.finished).arg(runs);
    }
    const QString cost = StudiesPage::tr("%1 runs, %2").arg(runs).arg(formatDuration(card.progress.secondsLeft));
    return card.isRecorded ? cost + StudiesPage::tr("; recorded") : cost;
}

void saveReport(const study::Findings& findings, const std::filesystem::path& file) {
    if (QString::fromStdString(file.extension().string()).compare(QStringLiteral(".pdf"), Qt::CaseInsensitive) == 0) {
        writeFileAtomically(file, reportPdf(study::reportHtml(findings)).toStdString());
    } else {
        study::writeReport(findings, file);
    }
}

}  // namespace

StudiesPage::StudiesPage(StoreService& store, QWidget* parent) : Page(parent), m_store(store) {
    setObjectName(QStringLiteral("studiesPage"));
    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    columns->setSpacing(spacing::kLarge);
    columns->addWidget(makeSide(), 2);
    columns->addWidget(makeMain(), 3);
}

/// Studies are planned when somebody looks, not when the window opens.
void StudiesPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    if (!m_isListed) {
        refresh();
    }
}

QWidget* StudiesPage::makeSide() {
    m_model = new QStandardItemModel(this);
    m_list = makeSummaryList(m_model, "studiesList", tr("Studies"));
    m_list->setMinimumWidth(kSideWidth / 2);
    m_list->setMaximumWidth(kSideWidth);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        if (listed() != m_study) {
            Q_EMIT proposed({[name = listed()](ViewState& state) { state.studies = {.study = name, .seeds = 0}; }});
        }
    });
    return m_list;
}

QWidget* StudiesPage::makeMain() {
    auto* main = new QWidget;
    m_view = new StudyView;
    connect(m_view, &StudyView::seedsChosen, this, [this](int seeds) { Q_EMIT proposed({[seeds](ViewState& state) { state.studies.seeds = seeds; }}); });
    connect(m_view, &StudyView::recordRequested, this, [this] { Q_EMIT workspaceRequested(QString::fromStdString(m_detail->record->workspace.string())); });
    m_empty = new EmptyState(Icon::Clock, {}, tr("Reading the studies…"), {});
    m_empty->setObjectName(QStringLiteral("studiesEmpty"));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_view);
    m_message = new MessageBar;
    m_message->setObjectName(QStringLiteral("studiesMessage"));
    m_message->floatOver(m_stack);
    connect(m_message, &MessageBar::actionTriggered, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_report)); });
    m_reportButton = new QPushButton(icon(Icon::Export), tr("Report…"));
    m_reportButton->setObjectName(QStringLiteral("reportStudy"));
    m_reportButton->setAutoDefault(false);
    connect(m_reportButton, &QPushButton::clicked, this, &StudiesPage::report);
    m_train = makePrimary(new QPushButton(icon(Icon::Play, Role::AccentText), tr("Train what is missing")));
    m_train->setObjectName(QStringLiteral("trainStudy"));
    m_train->setAutoDefault(false);
    connect(m_train, &QPushButton::clicked, this, &StudiesPage::train);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::kSmall);
    buttons->addWidget(m_reportButton);
    buttons->addStretch(1);
    buttons->addWidget(m_train);
    auto* layout = new QVBoxLayout(main);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(m_stack, 1);
    layout->addLayout(buttons);
    return main;
}

void StudiesPage::showView(const ViewState& state) {
    if (state.studies.study == m_study && state.studies.seeds == m_seeds) {
        return;
    }
    m_study = state.studies.study;
    m_seeds = state.studies.seeds;
    if (const int row = rowOf(m_study); row >= 0) {
        const QSignalBlocker quiet(m_list->selectionModel());
        m_list->setCurrentIndex(m_model->index(row, 0));
        m_list->viewport()->update();
    }
    if (isVisible()) {
        readDetail();
    }
}

void StudiesPage::refresh() {
    m_store.readAside(
        this, m_lists.renew(), [](const store::StoreReader& reader) { return readStudies(reader); },
        [this](std::vector<StudyCard> cards) { showList(std::move(cards)); }, [this](const QString& text) { refuse(text); });
    readDetail();
}

void StudiesPage::showList(std::vector<StudyCard> cards) {
    m_isListed = true;
    m_cards = std::move(cards);
    {
        const QSignalBlocker quiet(m_list->selectionModel());
        m_model->clear();
        for (const StudyCard& card : m_cards) {
            auto* item = new QStandardItem(oneLine(card.title));
            item->setData(QString::fromStdString(card.name), kNameRole);
            item->setData(summaryOf(card), SummaryDelegate::SummaryRole);
            item->setData(!card.plan, SummaryDelegate::HasProblemsRole);
            item->setToolTip(plainToolTip(QString::fromStdString(card.plan ? card.plan->study.question : card.error)));
            m_model->appendRow(item);
        }
        // Of itself the page shows a study that has something to say.
        const auto answered = std::ranges::find_if(m_cards, [](const StudyCard& card) { return card.progress.finished > 0; });
        const int first = answered == m_cards.end() ? 0 : static_cast<int>(answered - m_cards.begin());
        m_list->setCurrentIndex(m_model->index(rowOf(m_study) >= 0 ? rowOf(m_study) : first, 0));
    }
    m_list->viewport()->update();
    if (m_detail == std::nullopt) {
        readDetail();
    }
}

void StudiesPage::readDetail() {
    const QString name = m_study.isEmpty() ? listed() : m_study;
    if (name.isEmpty()) {
        return;
    }
    m_isShown = false;
    m_store.readAside(
        this, m_details.renew(), [name = name.toStdString(), seeds = m_seeds](const store::StoreReader& reader) { return readStudy(reader, name, seeds); },
        [this](StudyDetail detail) { showDetail(std::move(detail)); }, [this](const QString& text) { refuse(text); });
}

void StudiesPage::showDetail(StudyDetail detail) {
    m_isShown = true;
    m_detail = std::move(detail);
    m_view->setDetail(*m_detail);
    m_stack->setCurrentWidget(m_view);
    const study::Progress& progress = m_detail->progress;
    const auto open = static_cast<int>(openRuns(*m_detail).size());
    m_train->setEnabled(!m_store.isRecorded() && open > 0);
    m_train->setToolTip(m_store.isRecorded()   ? tr("These runs were recorded and are only to be looked at; train in a workspace of your own")
                        : m_train->isEnabled() ? tr("Queue the %1 runs that are missing or unfinished, and train them one after the other").arg(open)
                                               : tr("All its runs are there, or wait in the queue"));
    m_reportButton->setEnabled(progress.finished > 0 || m_detail->record);
    m_reportButton->setToolTip(m_reportButton->isEnabled() ? tr("Write the answer with its intervals, figures and images as one file, HTML or PDF")
                                                           : tr("None of its runs has finished"));
}

void StudiesPage::refuse(const QString& text) {
    m_isShown = true;
    m_detail.reset();
    m_empty->setContent(Icon::Warning, tr("The study cannot be read"), text);
    m_stack->setCurrentWidget(m_empty);
    m_train->setEnabled(false);
    m_reportButton->setEnabled(false);
}

void StudiesPage::train() {
    m_train->setEnabled(false);
    m_store.edit(
        this, [detail = *m_detail](store::StoreEditor& editor) { return queueStudy(editor, detail); },
        [this](int waiting) {
            m_message->showMessage(MessageLevel::Success, tr("%1 runs wait in the queue.").arg(waiting));
            Q_EMIT runsQueued();
            refresh();
        },
        [this](const QString& text) {
            m_message->showMessage(MessageLevel::Error, text);
            refresh();
        });
}

void StudiesPage::report() {
    const QString name = QString::fromStdString(m_detail->plan.study.name);
    const QString file = FileDialog::saveFile(this, tr("Report of the study"), name + QStringLiteral("-report.html"), tr("Web page (*.html);;PDF (*.pdf)"));
    if (file.isEmpty()) {
        return;
    }
    m_reportButton->setEnabled(false);
    m_message->showMessage(MessageLevel::Info, tr("Writing the report…"));
    m_store.readAside(
        this, {},
        [plan = m_detail->plan, record = m_detail->record, file = std::filesystem::path(file.toStdString())](const store::StoreReader& reader) {
            if (record) {
                const store::StoreReader recorded(record->workspace);
                saveReport(study::Findings(record->plan, recorded), file);
            } else {
                saveReport(study::Findings(plan, reader), file);
            }
            return true;
        },
        [this, file](bool) {
            m_report = file;
            m_reportButton->setEnabled(true);
            m_message->showMessage(MessageLevel::Success, tr("Saved %1").arg(QFileInfo(file).fileName()), tr("Open"));
        },
        [this](const QString& text) {
            m_reportButton->setEnabled(true);
            m_message->showMessage(MessageLevel::Error, text);
        });
}

int StudiesPage::rowOf(const QString& name) const {
    const QModelIndexList found = m_model->match(m_model->index(0, 0), kNameRole, name, 1, Qt::MatchExactly | Qt::MatchCaseSensitive);
    return found.isEmpty() ? -1 : found.front().row();
}

QString StudiesPage::listed() const {
    return m_list->currentIndex().data(kNameRole).toString();
}

}  // namespace rlcm::ui
