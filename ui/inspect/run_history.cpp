#include "ui/inspect/run_history.h"

#include <QDateTime>
#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/alarms/alarm_words.h"
#include "ui/bridge/store_service.h"
#include "ui/widgets/format.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {
namespace {

enum Column { Time, Epoch, What, kColumns };
constexpr int kMostLogLines = 2000, kEpochWidth = 80;

QString tr(const char* text) {
    return RunHistory::tr(text);
}

/// An alarm is said by its event; its line in the log says the same once more.
bool isOfAlarm(const store::LogRow& line, const std::vector<store::EventRow>& events) {
    return std::ranges::any_of(events, [&](const store::EventRow& row) {
        const auto* alert = std::get_if<run::AlertRaised>(&row.event);
        return alert != nullptr && line.text.starts_with(alert->text);
    });
}

}  // namespace

std::vector<HistoryLine> readHistory(const store::StoreReader& reader, const run::RunId& id) {
    std::vector<HistoryLine> lines;
    const std::optional<store::RunRow> run = reader.run(id);
    if (!run) {
        return lines;
    }
    lines.push_back({.at = run->createdAt, .epoch = {}, .symbol = Icon::Add, .what = tr("Made")});
    const std::vector<store::EventRow> events = reader.events(id);
    for (const store::EventRow& row : events) {
        const bool isAlarm = std::holds_alternative<run::AlertRaised>(row.event);
        lines.push_back({.at = row.at, .epoch = epochOf(row), .symbol = isAlarm ? Icon::Warning : Icon::Settings, .what = eventLine(row)});
    }
    for (const store::CheckpointRow& row : reader.checkpoints(id)) {
        const QString what = row.isKept ? tr("Checkpoint, kept (%1)") : tr("Checkpoint (%1)");
        lines.push_back({.at = row.at, .epoch = row.epoch, .symbol = Icon::Save, .what = what.arg(formatBytes(row.bytes))});
    }
    for (const store::LogRow& row : reader.log(id, 0, kMostLogLines)) {
        if (!isOfAlarm(row, events)) {
            const Icon symbol = row.level == log::Level::Error ? Icon::Error : row.level == log::Level::Warning ? Icon::Warning : Icon::Info;
            lines.push_back({.at = row.at, .epoch = {}, .symbol = symbol, .what = QString::fromStdString(row.text)});
        }
    }
    if (run->finishedAt > 0) {
        lines.push_back({.at = run->finishedAt, .epoch = run->counters.epoch, .symbol = stateIcon(run->state), .what = stateText(run->state)});
    }
    std::ranges::stable_sort(lines, {}, &HistoryLine::at);
    return lines;
}

RunHistory::RunHistory(StoreService& store, QWidget* parent) : QWidget(parent), m_store(store) {
    m_list = new QTreeWidget;
    m_list->setObjectName(QStringLiteral("runEvents"));
    m_list->setAccessibleName(tr("Events"));
    m_list->setColumnCount(kColumns);
    m_list->setHeaderLabels({tr("Time"), tr("Epoch"), tr("What")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setToolTip(tr("A double click, or Return, leads to the epoch"));
    m_list->header()->setSectionResizeMode(Time, QHeaderView::ResizeToContents);
    m_list->header()->resizeSection(Epoch, kEpochWidth);
    m_list->header()->setStretchLastSection(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kTiny);
    column->addWidget(makeHeading(new QLabel(tr("Events"))));
    column->addWidget(m_list, 1);
    connect(m_list, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
        if (const QVariant epoch = item->data(Epoch, Qt::UserRole); epoch.isValid()) {
            Q_EMIT epochChosen(epoch.toInt());
        }
    });
}

void RunHistory::setRun(const run::RunId& id) {
    if (id != m_run) {
        m_list->clear();
    }
    m_run = id;
    refresh();
}

void RunHistory::refresh() {
    if (!m_reading.ask()) {
        return;
    }
    const auto end = [this] {
        m_reading.finish();
        if (m_reading.isWanted()) {
            refresh();
        }
    };
    if (m_run.empty()) {
        return end();
    }
    m_store.read(
        this, [id = m_run](const store::StoreReader& reader) { return std::pair(id, readHistory(reader, id)); },
        [this, end](const std::pair<run::RunId, std::vector<HistoryLine>>& read) {
            if (read.first == m_run) {
                show(read.second);
            }
            end();
        },
        [end](const QString&) { end(); });
}

/// Only the lines that are new, so that a selection stays.
void RunHistory::show(const std::vector<HistoryLine>& lines) {
    const auto textsOf = [](const HistoryLine& line) {
        const QString time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(line.at * 1000)).toString(QStringLiteral("d MMM hh:mm"));
        return QStringList{time, line.epoch ? QString::number(*line.epoch) : QString(), line.what.simplified()};
    };
    for (int i = 0; i < static_cast<int>(lines.size()); ++i) {
        const HistoryLine& line = lines[static_cast<std::size_t>(i)];
        QTreeWidgetItem* item = m_list->topLevelItem(i);
        item = item != nullptr ? item : new QTreeWidgetItem(m_list);
        const QStringList texts = textsOf(line);
        for (int column = 0; column < kColumns; ++column) {
            item->setText(column, texts[column]);
        }
        item->setIcon(What, icon(line.symbol, line.symbol == Icon::Warning || line.symbol == Icon::Error ? Role::Danger : Role::MutedText));
        item->setToolTip(Time, QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(line.at * 1000)).toString(Qt::ISODate));
        item->setToolTip(What, plainToolTip(line.what));
        item->setData(Epoch, Qt::UserRole, line.epoch ? QVariant(static_cast<int>(*line.epoch)) : QVariant());
    }
    while (m_list->topLevelItemCount() > static_cast<int>(lines.size())) {
        delete m_list->takeTopLevelItem(m_list->topLevelItemCount() - 1);
    }
}

}  // namespace rlcm::ui
