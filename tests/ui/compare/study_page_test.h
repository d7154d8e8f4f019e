#pragma once
// A page on a study of fakes, as the tests of pages that compare runs share it.
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <memory>

#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::test {

inline constexpr int kWaitMs = 20000;

template <typename ShownPage>
class StudyPageTest : public QObject {
protected:
    void begin() {
        m_workspace = std::make_unique<TempWorkspace>();
        m_ids = m_workspace->addStudy();  // RLCM 2, 4, 8 and DDPO 20, two seeds each, images at epochs 0, 4, 8, 12
    }
    void end() {
        closePage();
        m_workspace.reset();
    }
    /// A page on what the workspace has now.
    virtual void make() = 0;
    virtual void closePage() {
        m_host.reset();
        m_page.reset();
        m_service.reset();
    }
    void picture(const QString& name) const {
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            QTest::qWait(500);  // until everything is drawn
            m_page->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
        }
    }
    /// All runs hidden, then removed: each is told with the next step. `nothing`: the title over an empty workspace.
    void checkThatNothingIsTold(const QString& nothing) {
        const auto edit = [this](auto change) {
            store::StoreEditor editor(m_workspace->path());
            for (const run::RunId& id : m_ids) {
                change(editor, id);
            }
        };
        edit([](store::StoreEditor& editor, const run::RunId& id) { editor.setVisible(id, false); });
        make();
        auto* title = m_page->template findChild<QLabel*>(QStringLiteral("emptyStateTitle"));
        QTRY_COMPARE_WITH_TIMEOUT(title->text(), QStringLiteral("All runs are hidden"), kWaitMs);
        edit([](store::StoreEditor& editor, const run::RunId& id) { editor.remove(id); });
        m_page->refresh();
        QTRY_COMPARE_WITH_TIMEOUT(title->text(), nothing, kWaitMs);
        QSignalSpy wanted(m_page.get(), &ui::Page::newRunRequested);
        m_page->template findChild<QPushButton*>(QStringLiteral("emptyStateAction"))->click();
        QCOMPARE(wanted.count(), 1);
        QVERIFY(!m_page->exportSubject());
    }

    std::unique_ptr<TempWorkspace> m_workspace;
    std::vector<run::RunId> m_ids;
    std::unique_ptr<ui::StoreService> m_service;
    std::unique_ptr<ShownPage> m_page;
    std::unique_ptr<PageHost> m_host;
};

}  // namespace rlcm::test
