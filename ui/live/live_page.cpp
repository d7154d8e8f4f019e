#include "ui/live/live_page.h"

#include <QComboBox>
#include <QDateTime>
#include <QPlainTextEdit>
#include <QSlider>
#include <QStackedLayout>
#include <QToolButton>
#include <algorithm>
#include <utility>

#include "core/run/field_table.h"
#include "ui/alarms/alarm_words.h"
#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/chart_widget.h"
#include "ui/live/chart_panels.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/runs/runs_model.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

void LivePage::showView(const ViewState& state) {
    takeRun(state.run);
    if (state.live != m_view) {
        showChoices(state.live);
    }
    showCursor(state.cursor.epoch);
    showLayout(state);
}

/// Another run, or newer facts of the same one.
void LivePage::takeRun(const run::RunId& id) {
    const store::RunRow* found = m_runs.find(id);
    const store::RunRow row = found != nullptr ? *found : store::RunRow();
    if (row == m_given) {
        return;
    }
    const bool isOther = row.id != m_run.id;
    m_given = m_run = row;
    if (isOther) {
        m_liveState.reset();
        m_data = {};
        m_lastLog = 0;
        m_log->clear();
        m_images->setRun(row.id);
        drawCharts();
        refresh();
    }
    m_stack->setCurrentIndex(row.id.empty() ? 0 : 1);
    if (m_controller.isActive() && row.id == m_controller.activeRun()) {
        m_liveState = m_controller.state();
    }
    updateHeader();
}

void LivePage::showChoices(const LiveView& next) {
    const LiveView before = std::exchange(m_view, next);
    const QSignalBlocker axis(m_axis), smoothing(m_smoothing), log(m_logToggle);
    const auto step = std::lower_bound(kHalfLives.begin(), kHalfLives.end(), next.halfLife);
    m_axis->setCurrentIndex(static_cast<int>(next.axis));
    m_smoothing->setValue(static_cast<int>(step - kHalfLives.begin()));
    m_smoothingText->setText(next.halfLife == 0 ? tr("off") : tr("%1 ep").arg(next.halfLife));
    m_logToggle->setChecked(next.isLogOpen);
    m_log->setVisible(next.isLogOpen);
    m_images->setLarger(next.imagesLarger);
    if (next.axis != before.axis || next.halfLife != before.halfLife) {
        drawCharts();
    }
    if (next.panels != before.panels) {
        m_charts->setPanels(next.panels, m_data.names);
        if (!std::ranges::equal(next.panels, before.panels, {}, &LivePanel::measures, &LivePanel::measures)) {
            drawCharts();
        }
        if (lacksCurves()) {
            refresh();
        }
    }
}

void LivePage::setLiveState(std::optional<run::RunState> state) {
    if (m_liveState != state) {
        m_liveState = state;
        updateHeader();
    }
}

void LivePage::endLive(const run::RunId& id, run::RunState state, const QString& error) {
    m_liveState.reset();
    if (id == m_run.id) {
        m_run.state = state;
        m_run.error = error.toStdString();
        updateHeader();
    }
}

void LivePage::updateHeader() {
    static_cast<ElidedLabel*>(m_name)->setFullText(oneLine(m_run.name));
    const run::RunState state = m_liveState.value_or(m_run.state);
    m_badge->setState(state);
    m_badge->setAlarms(m_given.alarms);
    const bool isFailed = state == run::RunState::Failed && !m_run.error.empty();
    const QString reason = QString::fromStdString(m_run.error);
    m_badge->setToolTip(isFailed ? plainToolTip(reason) : QString());
    const QString pending = pendingText();
    const QString trained = !pending.isEmpty()                 ? pending
                            : m_run.counters.activeSeconds > 0 ? tr("%1 trained").arg(formatDuration(m_run.counters.activeSeconds))
                                                               : QString();
    auto* facts = static_cast<ElidedLabel*>(m_facts);
    facts->setHiddenWhenCut(!isFailed);
    facts->setFullText(isFailed ? reason : trained);  // stays when the message is dismissed
    if (m_liveState) {
        m_shownProblem.clear();  // the next failure is another one
    }
    if (!isFailed) {
        m_problem->dismiss();
    } else if (m_shownProblem != m_run.id + m_run.error) {
        m_shownProblem = m_run.id + m_run.error;  // dismissed once, it stays so
        m_problem->showMessage(MessageLevel::Error, tr("This run failed: %1").arg(reason));
    }
    m_emptyText = run::isLive(state) || state == run::RunState::Queued ? tr("The first point comes with the evaluation before training.")
                                                                       : tr("The run ended before its first evaluation.");
    showEmptyTexts();
}

/// Settings that are asked for and not yet taken up.
QString LivePage::pendingText() const {
    if (!m_controller.isActive() || m_controller.activeRun() != m_run.id) {
        return {};
    }
    QStringList all;
    for (const run::LiveEdit& edit : m_controller.pendingEdits()) {
        all << tr("%1 %2").arg(QString::fromStdString(run::fieldLabel(edit.path)), QString::fromStdString(edit.value));
    }
    return all.isEmpty() ? QString() : tr("from the next epoch: %1").arg(all.join(QStringLiteral(", ")));
}

void LivePage::refresh() {
    if (!m_reading.ask(!m_run.id.empty())) {
        return;
    }
    m_store.read(
        this, [query = m_data.query(m_run.id, wanted(), m_lastLog)](const store::StoreReader& reader) { return readLive(reader, query); },
        [this](const LiveUpdate& live) { take(live); },
        [this](const QString& message) {
            m_reading.finish();
            Q_EMIT failed(message);
        });
    m_images->refresh();
}

void LivePage::take(const LiveUpdate& live) {
    m_reading.finish();
    if (live.run == m_run.id) {
        const LiveData::Change change = m_data.apply(live);
        if (change == LiveData::Change::Misfit) {
            m_reading.want();  // another run was shown while this was read
        } else {
            appendLog(live.newLog);
        }
        if (change == LiveData::Change::Some) {
            m_charts->setPanels(m_view.panels, m_data.names);
            drawCharts();
            if (lacksCurves()) {
                m_reading.want();  // the run has not what was asked for, so something else is shown
            }
            Q_EMIT epochsChanged();
        }
    }
    if (m_reading.isWanted()) {
        refresh();
    }
}

double LivePage::halfLifeInX() const {
    const double perEpoch = m_run.counters.epoch > 0 ? xOf(m_run.counters, m_view.axis) / static_cast<double>(m_run.counters.epoch) : 1.0;
    return m_view.halfLife * perEpoch;
}

void LivePage::showCursor(int epoch) {
    m_epoch = epoch;
    const double x = xAtEpoch(epoch);
    for (std::size_t i = 0; i < m_charts->count(); ++i) {
        m_charts->chart(i).setCursor(x);
    }
    m_images->setEpoch(epoch);
}

void LivePage::appendLog(const std::vector<store::LogRow>& rows) {
    for (const store::LogRow& row : rows) {
        m_lastLog = std::max(m_lastLog, row.id);
        const QString time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(row.at * 1000)).toString(QStringLiteral("hh:mm:ss"));
        m_log->appendPlainText(time + QStringLiteral("  ") +
                               (row.level == log::Level::Info ? QString() : QString::fromStdString(std::string(log::toString(row.level)) + ": ")) +
                               QString::fromStdString(row.text));
    }
    const int lines = m_log->document()->isEmpty() ? 0 : m_log->blockCount();
    m_logToggle->setText(lines > 0 ? tr("Log (%1)").arg(lines) : tr("Log"));
}

bool LivePage::isShowingData() const {
    return !m_run.id.empty() && !m_reading.isUnderWay() && !m_reading.isWanted() && curvePoints(kTraining) + curvePoints(kEvaluation) > 0 &&
           m_images->isSettled() && !m_images->grid().content().samples.empty();
}

std::size_t LivePage::curvePoints(const std::string& name) const {
    const auto found = m_data.curves.find(name);
    return found == m_data.curves.end() ? 0 : found->second.size();
}

std::optional<EpochRange> LivePage::epochs() const {
    EpochRange range{
        .last = static_cast<int>(m_given.counters.epoch), .planned = static_cast<int>(m_given.epochs), .isKnown = !m_given.id.empty(), .unit = m_view.axis};
    if (m_view.axis != XAxis::Epoch) {
        range.places = m_data.places(range.last, m_view.axis);
        range.end = range.last > 0 ? range.places.back() * std::max(range.planned, range.last) / range.last : 0;
    }
    const auto placeOf = [&range](std::int64_t epoch) {
        const auto stop = static_cast<std::size_t>(std::clamp<std::int64_t>(epoch, 0, range.last));
        return range.places.empty() ? static_cast<double>(epoch) : range.places[stop];
    };
    for (const std::int64_t epoch : m_images->imageEpochs()) {
        range.marks.images.push_back(placeOf(epoch));
    }
    for (const int epoch : m_data.checkpointEpochs) {
        range.marks.checkpoints.push_back(placeOf(epoch));
    }
    for (const store::EventRow& row : m_data.events) {
        const bool isAlarm = std::holds_alternative<run::AlertRaised>(row.event);
        (isAlarm ? range.marks.alarms : range.marks.edits).push_back(placeOf(epochOf(row)));
    }
    return range;
}

std::optional<ExportSubject> LivePage::exportSubject() const {
    if (m_run.id.empty()) {
        return std::nullopt;
    }
    ExportSubject subject{.name = QString::fromStdString(m_run.name)};
    if (!m_images->imageEpochs().empty()) {
        subject.images = runImages(m_run.id, m_epoch);
    }
    const bool isLogY = std::ranges::all_of(m_view.panels, &LivePanel::isLogY);  // a figure has one kind of axis
    figure::FigureSpec spec{.axis = std::string(run::counterField(m_view.axis).name), .halfLife = halfLifeInX(), .isLogY = isLogY};
    for (std::size_t i = 0; i < m_charts->count(); ++i) {
        for (const std::string& name : m_charts->measuresOf(i)) {
            const bool isDrawn = std::ranges::any_of(spec.series, [&](const figure::Series& one) { return one.measure == name; });
            if (curvePoints(name) > 0 && !isDrawn) {
                spec.series.push_back({name, {m_run.id}});
            }
        }
    }
    if (!spec.series.empty()) {
        subject.figure = ExportSubject::Figure{
            .note = tr("The charts of this page against %1, smoothed as here; an axis for each unit.").arg(axisTitle(m_view.axis)), .spec = spec};
        subject.tables = {runNumbers(m_run.id), runEvents({m_run.id})};
    }
    return subject.images || subject.figure ? std::optional(std::move(subject)) : std::nullopt;
}

}  // namespace rlcm::ui
