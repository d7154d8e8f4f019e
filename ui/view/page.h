#pragma once
// What the window knows about a page.
#include <QWidget>
#include <optional>
#include <vector>

#include "core/run/model_library.h"
#include "ui/gallery/export_dialog.h"
#include "ui/theme/icons.h"
#include "ui/view/view_model.h"
#include "ui/widgets/time_bar.h"

class QSplitter;

namespace rlcm::ui {

class ChartWidget;

/// What a page has to say to the time bar. Its unit is the x axis of the page.
struct EpochRange {
    int last = 0, planned = 0;  ///< epochs
    bool isKnown = true;        ///< false: not read yet, the time bar stays as it is until epochsChanged()
    XAxis unit = XAxis::Epoch;
    std::vector<double> places = {};  ///< in another unit than epochs: where one can stand, ascending
    bool areEpochs = true;            ///< the places are those of the epochs 0..last; otherwise they are of several runs, and only places
    double end = 0;                   ///< where what is planned ends, with places
    std::optional<double> here = {};  ///< where the page stands, when the places are no epochs
    TimeMarks marks = {};             ///< of all runs that the page shows, in its unit
};

/// A tab of the window. showView() is the only way in, proposed() the only way out: a page changes nothing of what is looked at
/// by itself. Data it reads from the store.
class Page : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;

    virtual QString key() const = 0;    ///< in settings and on the command line: "live"
    virtual QString title() const = 0;  ///< on the tab and in the menu
    virtual QString tip() const = 0;    ///< what it is for, in the menu
    virtual Icon symbol() const = 0;
    /// Shows a state; what the page shows already stays as it is. Never emits proposed().
    virtual void showView(const ViewState& state) = 0;
    /// Reads again what may have changed; cheap to call often.
    virtual void refresh() {}
    /// Everything asked for is on the screen.
    virtual bool isShowingData() const = 0;
    /// Nothing where the page is about something else than runs: it has no time bar and is there without any run.
    virtual std::optional<EpochRange> epochs() const { return std::nullopt; }
    /// A key of the time bar that nothing else wanted, for a page with a cursor of its own: whether it was taken.
    virtual bool timeKey(int) { return false; }
    /// Draws its curves against another axis; false: it has none of its own.
    virtual bool chooseAxis(XAxis) { return false; }
    /// What the page has to take away; nothing: not yet, or it is about something else.
    virtual std::optional<ExportSubject> exportSubject() const { return std::nullopt; }
    /// Gives a chart the zoom of a view; no signal.
    static void showZoom(ChartWidget& chart, const std::optional<Zoom>& zoom);

Q_SIGNALS:
    void proposed(const rlcm::ui::ViewChange& change);
    void epochsChanged();
    void exportRequested();
    /// `model`: to be trained; nullptr: whatever the form has.
    void newRunRequested(const rlcm::run::ModelFacts* model);
    /// Runs were made and wait in the queue: it is to be worked off.
    void runsQueued();
    /// Another workspace is to be opened in place of this one.
    void workspaceRequested(const QString& folder);
    /// These runs are to be selected in the list.
    void runsChosen(const std::vector<rlcm::run::RunId>& ids);
    /// Images of two runs are to be voted about.
    void voteRequested();
    void failed(const QString& message);

protected:
    /// Proposes the sizes of a splitter under `name` in the layout whenever the user moves it.
    void keepLayout(QSplitter* splitter, const QString& name);
    /// Gives the splitters their sizes from the state, each once.
    void showLayout(const ViewState& state);
    /// Proposes what the user zooms a chart to.
    void keepZoom(ChartWidget* chart, std::optional<Zoom>& (*part)(ViewState&));

private:
    std::map<QString, QSplitter*> m_splitters;
    std::map<QString, QByteArray> m_shownLayout;
};

}  // namespace rlcm::ui
