#pragma once
// A page of horizons on a study of fakes, as the tests of the page share it.
#include <QLabel>
#include <QTableView>
#include <QTest>
#include <memory>

#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/scatter_chart.h"
#include "ui/horizons/horizons_page.h"

namespace rlcm::test {

inline constexpr int kWaitMs = 20000;

class HorizonsTest : public QObject {
protected:
    void begin() {
        m_workspace = std::make_unique<TempWorkspace>();
        m_ids = m_workspace->addStudy();  // RLCM 2, 4, 8 and DDPO 20, two seeds each
    }
    void end() {
        closePage();
        m_workspace.reset();
    }
    void make() {
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
    void closePage() {
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
    void picture(const QString& name) const {
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            QTest::qWait(500);  // until everything is drawn
            m_page->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
        }
    }

    std::unique_ptr<TempWorkspace> m_workspace;
    std::vector<run::RunId> m_ids;
    QString m_program = QStringLiteral("rlcm");
    std::unique_ptr<ui::StoreService> m_service;
    std::unique_ptr<ui::RunController> m_controller;
    std::unique_ptr<ui::HorizonsPage> m_page;
    std::unique_ptr<PageHost> m_host;
};

}  // namespace rlcm::test
