#pragma once
// How a run's state looks everywhere: shape and word, colour only in addition.
#include <QRect>
#include <QWidget>

#include "core/run/run_event.h"
#include "ui/theme/icons.h"

class QPainter;

namespace rlcm::ui {

/// Word for people, translated: "Sampling", "Interrupted".
QString stateText(run::RunState state);
Icon stateIcon(run::RunState state);
Role stateRole(run::RunState state);
/// "3 alarms", for the tool tip beside a state; empty for none.
QString alarmsText(std::int64_t alarms);
/// Paints icon and word into `rect`, left-aligned and vertically centred, elided; for item delegates. The pen
/// of the painter is the text colour.
void paintState(QPainter& painter, const QRect& rect, run::RunState state);
/// The same with the number of alarms behind a warning sign at the right; where there is no room for a word, the sign stands on the icon. 0: none. `isNew`: some
/// have not been put aside.
void paintState(QPainter& painter, const QRect& rect, run::RunState state, std::int64_t alarms, bool isNew);

/// Rounded badge with icon and word.
class StateBadge : public QWidget {
    Q_OBJECT
public:
    explicit StateBadge(QWidget* parent = nullptr);
    void setState(run::RunState state);
    run::RunState state() const { return m_state; }
    /// How many alarms the run has raised.
    void setAlarms(std::int64_t alarms);
    std::int64_t alarms() const { return m_alarms; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void showState();

    run::RunState m_state = run::RunState::Queued;
    std::int64_t m_alarms = 0;
};

}  // namespace rlcm::ui
