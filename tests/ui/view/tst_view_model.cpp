// What the user looks at: changes, undoing them, and writing them down.
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>

#include "ui/view/view_model.h"

using namespace rlcm::ui;

namespace {

/// A state in which every part differs from a fresh one.
ViewState everythingChosen() {
    ViewState state;
    state.page = QStringLiteral("compare");
    state.run = "r0007";
    state.model = QStringLiteral("emoji-sd");
    state.cursor = {.epoch = 12, .isFollowing = false, .place = Cursor::Place{XAxis::RewardQueries, 640.5}};
    state.live = {
        .axis = XAxis::WallTime, .measure = "kl", .halfLife = 12, .isLogOpen = true, .rewardZoom = Zoom{0, 2, -1, 1}, .measureZoom = Zoom{1, 2, 3, 4}};
    state.compare = {.measure = "reward_mean",
                     .reward = "size",
                     .axis = XAxis::Images,
                     .halfLife = 0.5,
                     .hasRaw = false,
                     .isLogY = true,
                     .ignoresOutliers = true,
                     .isGrouped = true,
                     .band = rlcm::figure::Band::Confidence95,
                     .image = 3,
                     .zoom = Zoom{5, 6, 7, 8}};
    state.horizons = {.measure = "eval_held_out_reward_mean",
                      .reward = "a",
                      .cost = InferenceCost::DenoiserEvaluations,
                      .unit = XAxis::ActiveTime,
                      .budget = 61.5,
                      .band = rlcm::figure::Band::MinMax,
                      .hasDominated = false,
                      .hasBase = false,
                      .image = 3,
                      .pinned = {"r0002", "r0007"}};
    state.layout = {{QStringLiteral("compare/down"), QByteArray("\0\x01\xff", 3)}};
    return state;
}

ViewChange toEpoch(int epoch) {
    return {[epoch](ViewState& state) { state.goTo(epoch); }, MergeKey::Cursor};
}
ViewChange toPage(const char* key) {
    return {[key](ViewState& state) { state.page = QLatin1String(key); }};
}

}  // namespace

class TestViewModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aChangeIsToldOnceAndOnlyWhenItChangesSomething() {
        ViewModel view;
        QSignalSpy changed(&view, &ViewModel::changed);
        view.apply(toPage("compare"));
        view.apply(toPage("compare"));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(view.state().page, QStringLiteral("compare"));
        view.undo();
        QVERIFY(!view.canUndo());
    }
    void undoAndRedoGoThroughTheStates() {
        ViewModel view;
        const ViewState first = view.state();
        view.apply(toPage("compare"));
        view.apply({[](ViewState& state) { state.compare.isGrouped = true; }});
        const ViewState last = view.state();
        view.undo();
        QVERIFY(!view.state().compare.isGrouped);
        view.undo();
        QVERIFY(view.state() == first);
        QVERIFY(!view.canUndo() && view.canRedo());
        view.redo();
        view.redo();
        QVERIFY(view.state() == last);
        view.undo();
        view.apply(toPage("models"));
        QVERIFY2(!view.canRedo(), "another way was taken");
    }
    void changesOfOneKindInARowAreOneStep() {
        ViewModel view;
        for (int epoch = 1; epoch <= 5; ++epoch) {
            view.apply(toEpoch(epoch));
        }
        view.undo();
        QVERIFY(view.state() == ViewState());
        view.redo();
        QCOMPARE(view.state().cursor.epoch, 5);
        view.apply(toEpoch(6));  // after an undo or redo a new step begins
        view.apply(toPage("compare"));
        view.apply(toEpoch(7));
        view.undo();
        QCOMPARE(view.state().cursor.epoch, 6);
    }
    void whatComesByItselfIsNoStep() {
        ViewModel view;
        QSignalSpy changed(&view, &ViewModel::changed);
        view.follow([](ViewState& state) { state.cursor.epoch = 3; });
        QCOMPARE(changed.count(), 1);
        QVERIFY(!view.canUndo());
    }
    void onlySoManyStepsAreKept() {
        ViewModel view;
        for (int image = 1; image <= 150; ++image) {
            view.apply({[image](ViewState& state) { state.compare.image = image; }});
        }
        int steps = 0;
        for (; view.canUndo(); ++steps) {
            view.undo();
        }
        QCOMPARE(steps, 100);
        QCOMPARE(view.state().compare.image, 50);
    }
    void everyPartIsSavedAndRestored() {
        ViewModel view, other;
        view.apply({[](ViewState& state) { state = everythingChosen(); }});
        const QByteArray text = QJsonDocument(view.save()).toJson();
        other.restore(QJsonDocument::fromJson(text).object());
        QVERIFY(other.state() == everythingChosen());
        QVERIFY(!other.canUndo());
    }
    void whatIsNotUnderstoodIsAsInAFreshState() {
        ViewModel view;
        view.restore(QJsonDocument::fromJson("nonsense").object());
        QVERIFY(view.state() == ViewState());
        QJsonObject json = toJson(everythingChosen());
        json[QStringLiteral("version")] = 99;
        view.restore(json);
        QVERIFY(view.state() == ViewState());
        json[QStringLiteral("version")] = 1;
        json[QStringLiteral("live")] = QJsonObject{{QStringLiteral("axis"), 700}, {QStringLiteral("halfLife"), -1}};
        json[QStringLiteral("compare")] = 5;
        view.restore(json);
        QVERIFY(view.state().live.axis == XAxis::Epoch);
        QCOMPARE(view.state().live.halfLife, 0);
        QVERIFY(view.state().compare == CompareView());
        QCOMPARE(view.state().run, std::string("r0007"));
    }
    void anotherRunIsShownWhole() {
        ViewState state = everythingChosen();
        state.select("r0007");
        QVERIFY(state.live.rewardZoom.has_value());
        state.select("r0008");
        QVERIFY(!state.live.rewardZoom && !state.live.measureZoom);
    }
};

QTEST_GUILESS_MAIN(TestViewModel)
#include "tst_view_model.moc"
