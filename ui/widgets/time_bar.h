#pragma once
#include <QTimer>
#include <QWidget>
#include <vector>

class QLabel;
class QToolButton;

namespace rlcm::ui {

/// The strip on which epochs are drawn; part of TimeBar, focusable. Keys: left/right ±1 (shift ±10), home,
/// end, page up/down to the previous/next epoch with images.
class TimeTrack;

/// Full-width epoch bar that drives every view: drag to scrub, play, or follow the newest epoch. Scrubbing
/// lets go of 'follow live'; End (or the button) takes it up again. Space plays and stops. objectNames:
/// timeTrack, timePlay, timeFollow, timeLabel, timeFirst, timePreviousImage, timeNextImage.
class TimeBar : public QWidget {
    Q_OBJECT
public:
    explicit TimeBar(QWidget* parent = nullptr);
    /// Epochs 0..last exist; `planned` >= last is where the run ends. While following, the epoch moves to
    /// `last`. An epoch that was asked for and is beyond `last` comes back with a range that has it.
    void setRange(int last, int planned);
    void setImageEpochs(std::vector<int> epochs);       ///< ascending; tall ticks
    void setCheckpointEpochs(std::vector<int> epochs);  ///< ascending; diamonds
    /// Moves without emitting epochChanged; clamps to 0..last. Does not change 'follow live'.
    void setEpoch(int epoch);
    int epoch() const { return m_epoch; }
    int last() const { return m_last; }
    bool isFollowing() const { return m_isFollowing; }
    void setFollowing(bool isFollowing);
    bool isPlaying() const { return m_play.isActive(); }
    void setPlaying(bool isPlaying);
    /// Pictures per second while playing, 1..10 (default 4).
    void setPlaySpeed(double perSecond);

Q_SIGNALS:
    void epochChanged(int epoch);  ///< by the user, by playing, or by following
    void followChanged(bool isFollowing);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    friend class TimeTrack;
    void scrubTo(int epoch);
    void moveTo(int epoch);
    void clampTo(int epoch);
    void stepImage(int direction);
    void updateControls();
    void updateLabel();

    int m_last = 0, m_planned = 0, m_epoch = 0, m_wanted = 0;
    bool m_isFollowing = true;
    std::vector<int> m_images, m_checkpoints;
    QTimer m_play;
    TimeTrack* m_track = nullptr;
    QToolButton* m_playButton = nullptr;
    QToolButton* m_follow = nullptr;
    QLabel* m_label = nullptr;
};

}  // namespace rlcm::ui
