#pragma once
// A page of images on a study of fakes, as the tests of the page share it.
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>

#include "tests/ui/compare/study_page_test.h"
#include "ui/grid/grid_page.h"
#include "ui/grid/pivot_view.h"
#include "ui/theme/theme.h"

namespace rlcm::test {

class GridTest : public StudyPageTest<ui::GridPage> {
protected:
    void make() override {
        closePage();
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
    const ui::GridView& state() const { return m_host->view.state().grid; }
    ui::PivotView& pivot() { return *m_page->findChild<ui::PivotView*>(); }
    QString note() {
        QString text = m_page->findChild<QLabel*>(QStringLiteral("gridNote"))->toolTip();  // whole, however narrow the page
        return text.remove(QStringLiteral("<p style='white-space:pre-wrap'>")).remove(QStringLiteral("</p>"));
    }
    void click(const ui::PivotView::Place& place, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mouseClick(pivot().viewport(), Qt::LeftButton, modifiers, pivot().cellRect(place).center());
    }
};

}  // namespace rlcm::test
