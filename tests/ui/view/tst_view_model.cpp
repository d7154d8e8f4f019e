// What the user looks at: changes, undoing them, and writing them down.
#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>
#include <algorithm>

#include "ui/widgets/undo_step.h"
#include "ui/view/view_model.h"

using namespace rlcm::ui;

namespace {

/// A state in which every part differs from a fresh one.
ViewState everythingChosen() {
    ViewState state;
    state.page = QStringLiteral("compare");
    state.run = "r0007";
    state.pinned = {"r0003", "r0001"};
    state.baseline = "r0002";
    state.model = QStringLiteral("emoji-sd");
    state.cursor = {.epoch = 12, .isFollowing = false, .place = Cursor::Place{XAxis::RewardQueries, 640.5}};
    state.live = {
        .axis = XAxis::WallTime,
        .panels = {LivePanel{{"kl"}, Zoom{0, 2, -1, 1}, true}, LivePanel{{"loss", "grad_norm"}, Zoom{.x0 = 0, .x1 = 2, .hasY = false}}, LivePanel{{"a"}}},
        .halfLife = 12,
        .isLogOpen = true,
        .imagesLarger = 3};
    state.compare = {.measure = "reward_mean",
                     .reward = "size",
                     .axis = XAxis::Images,
                     .halfLife = 0.5,
                     .smoother = rlcm::figure::Smoother::Median,
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
    state.grid = {.pivot = {.axes = {rlcm::figure::PivotAxis::Run, rlcm::figure::PivotAxis::RewardRank, rlcm::figure::PivotAxis::Epoch},
                            .ranges = {"0-80 (+20)", "\"a, b\"", "1", "1-3", "all", "0", "1-4"},
                            .prompts = rlcm::figure::PromptGroup::HeldOut,
                            .order = rlcm::figure::PivotOrder::ByChange},
                  .page = 2,
                  .side = 200,
                  .badge = GridBadge::Judge,
                  .heat = GridHeat::Reward};
    state.vote = {.a = {.run = "r0004", .epoch = 0}, .b = {.run = "r0005"}};
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
        QUndoStack steps;
        ViewModel view(steps);
        QSignalSpy changed(&view, &ViewModel::changed);
        view.apply(toPage("compare"));
        view.apply(toPage("compare"));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(view.state().page, QStringLiteral("compare"));
        steps.undo();
        QVERIFY(!steps.canUndo());
    }
    void undoAndRedoGoThroughTheStates() {
        QUndoStack steps;
        ViewModel view(steps);
        const ViewState first = view.state();
        view.apply(toPage("compare"));
        view.apply({[](ViewState& state) { state.compare.isGrouped = true; }});
        const ViewState last = view.state();
        steps.undo();
        QVERIFY(!view.state().compare.isGrouped);
        steps.undo();
        QVERIFY(view.state() == first);
        QVERIFY(!steps.canUndo() && steps.canRedo());
        steps.redo();
        steps.redo();
        QVERIFY(view.state() == last);
        steps.undo();
        view.apply(toPage("models"));
        QVERIFY2(!steps.canRedo(), "another way was taken");
    }
    void changesOfOneKindInARowAreOneStep() {
        QUndoStack steps;
        ViewModel view(steps);
        for (int epoch = 1; epoch <= 5; ++epoch) {
            view.apply(toEpoch(epoch));
        }
        steps.undo();
        QVERIFY(view.state() == ViewState());
        steps.redo();
        QCOMPARE(view.state().cursor.epoch, 5);
        view.apply(toEpoch(6));  // after an undo or redo a new step begins
        view.apply(toPage("compare"));
        view.apply(toEpoch(7));
        steps.undo();
        QCOMPARE(view.state().cursor.epoch, 6);
    }
    void whatComesByItselfIsNoStep() {
        QUndoStack steps;
        ViewModel view(steps);
        QSignalSpy changed(&view, &ViewModel::changed);
        view.follow([](ViewState& state) { state.cursor.epoch = 3; });
        QCOMPARE(changed.count(), 1);
        QVERIFY(!steps.canUndo());
    }
    void stepsOfOtherKindsStandBetweenThose() {
        QUndoStack steps;
        ViewModel view(steps);
        int done = 1;
        view.apply(toEpoch(1));
        steps.push(new UndoStep(QStringLiteral("rename"), [&] { done = 0; }, [&] { done = 2; }));
        QCOMPARE(done, 1);
        view.apply(toEpoch(2));  // not merged over the other step
        QCOMPARE(steps.count(), 3);
        steps.undo();
        QCOMPARE(view.state().cursor.epoch, 1);
        QCOMPARE(steps.undoText(), QStringLiteral("rename"));
        steps.undo();
        QCOMPARE(done, 0);
        view.apply(toEpoch(3));  // nor with the one before a step that was undone
        QCOMPARE(steps.count(), 2);
        steps.undo();
        QCOMPARE(view.state().cursor.epoch, 1);
    }
    void whatShowsAStepAddsNone() {
        QUndoStack steps;
        ViewModel view(steps);
        QObject::connect(&view, &ViewModel::changed, &view,
                         [&] { view.apply({[](ViewState& state) { state.cursor.epoch = std::min(state.cursor.epoch, 5); }}); });
        view.apply(toEpoch(9));
        QCOMPARE(view.state().cursor.epoch, 5);
        QCOMPARE(steps.count(), 1);
        steps.undo();
        QVERIFY(view.state() == ViewState() && !steps.canUndo());
    }
    void stepsSayWhatTheyAreOf() {
        const auto text = [](const ViewChange& change) {
            ViewState after;
            change.apply(after);
            return differenceText({}, after);
        };
        QCOMPARE(text(toPage("compare")), QStringLiteral("choice of page"));
        QCOMPARE(text(toEpoch(3)), QStringLiteral("choice of epoch"));
        QCOMPARE(text({[](ViewState& state) { state.select("r0002"); }}), QStringLiteral("selection"));
        QCOMPARE(text({[](ViewState& state) { state.compare.zoom = Zoom{}; }}), QStringLiteral("zoom"));
        QCOMPARE(text({[](ViewState& state) { state.live.axis = XAxis::Images; }}), QStringLiteral("choice of axis"));
        QCOMPARE(text({[](ViewState& state) { state.compare.halfLife = 9; }}), QStringLiteral("smoothing"));
        QCOMPARE(text({[](ViewState& state) { state.layout[QStringLiteral("a")] = "b"; }}), QStringLiteral("layout"));
        QCOMPARE(text({[](ViewState& state) { state.grid.side = 64; }}), QStringLiteral("choice of the grid"));
        QCOMPARE(text({[](ViewState& state) { state.compare.isGrouped = true; }}), QStringLiteral("view"));
    }
    void everyPartIsSavedAndRestored() {
        QUndoStack steps, others;
        ViewModel view(steps), other(others);
        view.apply({[](ViewState& state) { state = everythingChosen(); }});
        const QByteArray text = QJsonDocument(view.save()).toJson();
        other.restore(QJsonDocument::fromJson(text).object());
        QVERIFY(other.state() == everythingChosen());
        QVERIFY(!others.canUndo());
    }
    void whatIsNotUnderstoodIsAsInAFreshState() {
        QUndoStack steps;
        ViewModel view(steps);
        view.restore(QJsonDocument::fromJson("nonsense").object());
        QVERIFY(view.state() == ViewState());
        QJsonObject json = toJson(everythingChosen());
        json[QStringLiteral("version")] = 99;
        view.restore(json);
        QVERIFY(view.state() == ViewState());
        json[QStringLiteral("version")] = 1;
        json[QStringLiteral("live")] = QJsonObject{{QStringLiteral("axis"), QStringLiteral("furlongs")}, {QStringLiteral("halfLife"), -1}};
        json[QStringLiteral("compare")] = 5;
        json[QStringLiteral("grid")] =
            QJsonObject{{QStringLiteral("axes"), QJsonArray{1, 1, 2}}, {QStringLiteral("side"), 100000}, {QStringLiteral("heat"), 9}};
        view.restore(json);
        QVERIFY(view.state().live.axis == XAxis::Epoch);
        QCOMPARE(view.state().live.halfLife, 0);
        QVERIFY(view.state().compare == CompareView());
        GridView grid;
        grid.side = kLargestGridSide;
        QVERIFY(view.state().grid == grid);  // no axis stands in two places
        QCOMPARE(view.state().run, std::string("r0007"));
    }
    void anotherRunIsShownWhole() {
        ViewState state = everythingChosen();
        state.select("r0007");
        QVERIFY(state.live.panels.front().zoom.has_value());
        state.select("r0008");
        QVERIFY(std::ranges::none_of(state.live.panels, [](const LivePanel& panel) { return panel.zoom.has_value(); }));
        QCOMPARE(state.live.panels.size(), std::size_t{3});
    }
};

QTEST_GUILESS_MAIN(TestViewModel)
#include "tst_view_model.moc"
