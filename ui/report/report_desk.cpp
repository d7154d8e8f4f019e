#include "ui/report/report_desk.h"

#include <QFileInfo>
#include <QUndoStack>
#include <utility>

#include "core/base/files.h"
#include "ui/studies/report_pdf.h"
#include "ui/widgets/undo_step.h"

namespace rlcm::ui {

ReportDesk::ReportDesk(std::filesystem::path folder, QUndoStack& steps, QObject* parent) : QObject(parent), m_folder(std::move(folder)), m_steps(steps) {
    runInBackground(
        {m_thread, this}, [folder = m_folder] { return report::readCards(folder); },
        [this](report::CardReport read) {
            m_report = std::move(read);
            m_isLoaded = true;
            Q_EMIT changed();
            for (report::Card& card : std::exchange(m_early, {})) {
                add(std::move(card));
            }
        },
        [this](const QString& text) { Q_EMIT failed(text); });
}

void ReportDesk::change(const QString& what, report::CardReport next) {
    if (!m_isLoaded || next == m_report) {
        return;
    }
    m_steps.push(new UndoStep(what, [this, before = m_report] { take(before); }, [this, next] { take(next); }));
    take(std::move(next));
}

void ReportDesk::add(report::Card card) {
    if (!m_isLoaded) {
        m_early.push_back(std::move(card));
        return;
    }
    report::CardReport next = m_report;
    next.cards.push_back(std::move(card));
    change(tr("card of the report"), std::move(next));
}

void ReportDesk::take(report::CardReport next) {
    m_report = std::move(next);
    ++m_writes;
    runInBackground(
        {m_thread, this}, [now = m_report, folder = m_folder] { report::writeCards(now, folder); }, [this] { --m_writes; },
        [this](const QString& text) {
            --m_writes;
            Q_EMIT failed(text);
        });
    Q_EMIT changed();
}

void ReportDesk::save(const QString& file) {
    const bool isPdf = QFileInfo(file).suffix().compare(QLatin1String("pdf"), Qt::CaseInsensitive) == 0;
    runInBackground(
        {m_thread, this},
        [now = m_report, path = std::filesystem::path(file.toStdString()), isPdf] {
            const std::string html = report::cardsHtml(now);
            writeFileAtomically(path, isPdf ? reportPdf(html).toStdString() : html);
        },
        [this, file] { Q_EMIT saved(file); }, [this](const QString& text) { Q_EMIT failed(text); });
}

}  // namespace rlcm::ui
