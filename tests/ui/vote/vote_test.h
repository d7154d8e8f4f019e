#pragma once
// A window on two runs of six images each, with the page of votes, as its tests share it.
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include "core/base/files.h"
#include "core/figure/csv.h"
#include "tests/ui/shell/desk.h"
#include "ui/theme/theme.h"
#include "ui/vote/vote_ballot.h"
#include "ui/vote/vote_page.h"
#include "ui/vote/vote_pictures.h"

namespace rlcm::test {

using Rows = std::vector<std::vector<std::string>>;

class VoteTest : public QObject {
protected:
    void make() {
        m_desk = std::make_unique<Desk>();
        m_desk->workspace.addRun(smallConfig(4, 4), {.imageSize = 64});
        m_desk->workspace.addRun(smallConfig(4, 8), {.imageSize = 64});
        open();
    }
    void close() {
        m_window.reset();
        m_desk.reset();
    }
    void open() {
        m_window = m_desk->open();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    }
    template <typename Widget>
    Widget& part(const char* name) const {
        auto* widget = find<Widget>(*m_window, name);
        Q_ASSERT(widget != nullptr);
        return *widget;
    }
    QString text(const char* label) const { return part<QLabel>(label).text(); }
    QPushButton& button(const char* name) const { return part<QPushButton>(name); }
    void click(const char* name) { QTest::mouseClick(&button(name), Qt::LeftButton); }
    void waitForPage() { QTRY_VERIFY_WITH_TIMEOUT(m_window->page() == QLatin1String("vote") && m_window->isShowingData(), kWaitMs); }
    /// To the page with the first run as A, by the palette.
    void openByPalette() {
        m_window->view().apply({[](ui::ViewState& state) { state.select("r0001"); }});
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto& search = part<QLineEdit>("commandSearch");
        QTest::keyClicks(&search, QStringLiteral("blind vote"));
        QTest::keyClick(&search, Qt::Key_Return);
        waitForPage();
    }
    /// Return where the focus is.
    void begin() {
        openByPalette();
        QVERIFY(button("voteStart").isEnabled());
        QTest::keyClick(&part<QComboBox>("voteRunA"), Qt::Key_Return);
        QVERIFY(ballot().isVisible());
    }
    ui::VoteBallot& ballot() const { return part<ui::VoteBallot>("voteBallot"); }
    /// As a person does, who looks at both images first.
    void press(Qt::Key key) {
        QTRY_VERIFY_WITH_TIMEOUT(part<ui::VotePictures>("votePictures").isSettled(), kWaitMs);
        QTest::keyClick(&ballot(), key);
    }
    void pressAll(const std::vector<Qt::Key>& keys) {
        for (const Qt::Key key : keys) {
            press(key);
        }
    }
    /// The table of a round as it is kept.
    Rows kept(const char* name = "r0001@4-r0002@4-1.csv") const {
        const auto file = m_desk->workspace.path() / "votes" / name;
        return std::filesystem::exists(file) ? figure::csvRows(readFile(file)) : Rows();
    }

    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<ui::MainWindow> m_window;
};

}  // namespace rlcm::test
