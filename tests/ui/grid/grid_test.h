#pragma once
// A page of images on a study of fakes, as the tests of the page share it.
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTest>
#include <memory>

#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/grid/grid_page.h"
#include "ui/grid/pivot_view.h"
#include "ui/theme/theme.h"

namespace rlcm::test {

inline constexpr int kWaitMs = 20000;

class GridTest : public QObject {
protected:
    void begin() {
        m_workspace = std::make_unique<TempWorkspace>();
        m_ids = m_workspace->addStudy();  // RLCM 2, 4, 8 and DDPO 20, two seeds each, images at epochs 0, 4, 8, 12
    }
    void end() {
        m_host.reset();
        m_page.reset();
        m_service.reset();
        m_workspace.reset();
    }
    void make() {
        m_host.reset();
        m_page.reset();
        m_service = std::make_unique<ui::StoreService>(m_workspace->path());
        m_page = std::make_unique<ui::GridPage>(*m_service);
        m_host = std::make_unique<PageHost>(*m_page);
        m_page->resize(1000, 780);
        m_page->show();
        m_page->refresh();
    }
    void open() {
        make();
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isShowingData(), kWaitMs);
        m_page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    }
    void type(const char* field, const QString& range) {
        auto* edit = m_page->findChild<QLineEdit*>(QLatin1String(field));
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, range.isEmpty() ? QStringLiteral(" ") : range);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    void choose(const char* name, int index) {
        auto* box = m_page->findChild<QComboBox*>(QLatin1String(name));
        box->setCurrentIndex(index);
        Q_EMIT box->activated(index);
    }
    QStringList words(figure::PivotSlot slot) {
        QStringList all;
        for (const figure::PivotHeader& header : pivot().grid().headers(slot)) {
            all << QString::fromStdString(header.text);
        }
        return all;
    }
    void picture(const QString& name) {
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            QTest::qWait(300);
            m_page->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
        }
    }
    const ui::GridView& state() const { return m_host->view.state().grid; }
    ui::PivotView& pivot() { return *m_page->findChild<ui::PivotView*>(); }
    QString note() {
        QString text = m_page->findChild<QLabel*>(QStringLiteral("gridNote"))->toolTip();  // whole, however narrow the page
        return text.remove(QStringLiteral("<p style='white-space:pre-wrap'>")).remove(QStringLiteral("</p>"));
    }
    void click(const ui::PivotView::Place& place, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mouseClick(pivot().viewport(), Qt::LeftButton, modifiers, pivot().cellRect(place).center());
    }

    std::unique_ptr<TempWorkspace> m_workspace;
    std::vector<run::RunId> m_ids;
    std::unique_ptr<ui::StoreService> m_service;
    std::unique_ptr<ui::GridPage> m_page;
    std::unique_ptr<PageHost> m_host;
};

}  // namespace rlcm::test
