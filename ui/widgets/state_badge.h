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
/// Paints icon and word into `rect`, left-aligned and vertically centred, elided; for item delegates. The pen
/// of the painter is the text colour.
void paintState(QPainter& painter, const QRect& rect, run::RunState state);

/// Rounded badge with icon and word.
class StateBadge : public QWidget {
    Q_OBJECT
public:
    explicit StateBadge(QWidget* parent = nullptr);
    void setState(run::RunState state);
    run::RunState state() const { return m_state; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    run::RunState m_state = run::RunState::Queued;
};

}  // namespace rlcm::ui
