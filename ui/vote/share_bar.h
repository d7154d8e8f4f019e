#pragma once
#include <QWidget>

#include "core/figure/votes.h"

namespace rlcm::ui {

/// The share of A between all for B and all for A: a dot, its Wilson interval as a line, and the middle, where nothing is decided. thread: GUI.
class ShareBar : public QWidget {
    Q_OBJECT
public:
    explicit ShareBar(QWidget* parent = nullptr);
    /// Without a share nothing is drawn.
    void setTally(const figure::VoteTally& tally);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    figure::VoteTally m_tally;
};

}  // namespace rlcm::ui
