#pragma once
// A page of horizons on a study of fakes, as the tests of the page share it.
#include <QTableView>
#include <memory>

#include "tests/ui/compare/study_page_test.h"
#include "ui/bridge/run_controller.h"
#include "ui/charts/scatter_chart.h"
#include "ui/horizons/horizons_page.h"

namespace rlcm::test {

class HorizonsTest : public StudyPageTest<ui::HorizonsPage> {
protected:
    void make() override {
        m_service = std::make_unique<ui::StoreService>(m_workspace->path());
        m_controller = std::make_unique<ui::RunController>(*m_service, fakeRunFactory());
        m_page = std::make_unique<ui::HorizonsPage>(ui::HorizonsSources{*m_service, *m_controller, m_program});
        m_host = std::make_unique<PageHost>(*m_page);
        m_page->resize(1000, 720);
        m_page->show();
    }
    void open(std::size_t runs = 0) {
        make();
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isShowingData() && !chart()->points().empty(), kWaitMs);
        if (runs > 0) {
            QTRY_VERIFY_WITH_TIMEOUT(table()->model()->rowCount() >= 4, kWaitMs);
        }
        chart()->replotNow();
    }
    void closePage() override {
        m_host.reset();
        m_page.reset();
        m_controller.reset();
        m_service.reset();
    }
    ui::ScatterChart* chart() const { return m_page->findChild<ui::ScatterChart*>(); }
    QTableView* table() const { return m_page->findChild<QTableView*>(QStringLiteral("horizonsTable")); }
    /// Points but those of models before training.
    std::vector<ui::ScatterPoint> solid() const {
        std::vector<ui::ScatterPoint> points;
        for (const ui::ScatterPoint& one : chart()->points()) {
            if (!one.isSmall) {
                points.push_back(one);
            }
        }
        return points;
    }
    ui::ScatterPoint point(const run::RunId& id) const {
        for (const ui::ScatterPoint& one : solid()) {
            if (one.id.toStdString() == id) {
                return one;
            }
        }
        return {};
    }
    QPoint placeOf(const run::RunId& id) const {
        chart()->replotNow();
        return chart()->placeOf(QString::fromStdString(id)).value_or(QPoint());
    }

    QString m_program = QStringLiteral("rlcm");
    std::unique_ptr<ui::RunController> m_controller;
};

}  // namespace rlcm::test
