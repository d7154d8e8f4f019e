#pragma once
#include <QString>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

class QLabel;
class QLineEdit;
class QToolButton;

namespace rlcm::ui {

/// In what the bar counts. Its stops are the epochs; in another unit each of them has a place.
struct TimeUnit {
    QString name = {};                         ///< "Epoch", "Reward queries"; empty: epochs
    std::vector<double> places = {};           ///< of the stops, ascending; empty: stop n is at n
    double end = 0;                            ///< the place at which the run is planned to end
    std::function<QString(double)> text = {};  ///< a place for people; empty: its number
};
/// What there is at places of the bar, ascending.
struct TimeMarks {
    std::vector<double> images = {}, checkpoints = {}, alarms = {}, edits = {};
    bool operator==(const TimeMarks&) const = default;
};
/// A place as people type it: "120", "1.2k", "90 s", "3 min 05 s", "1:30" (minutes and seconds); nothing for anything else.
std::optional<double> readPlace(const QString& text);

/// The strip on which epochs are drawn; part of TimeBar, focusable. Keys: left/right ±1 (shift ±10), home,
/// end, page up/down to the previous/next epoch with images.
class TimeTrack;

/// Full-width epoch bar that drives every view: drag to scrub, play, or follow the newest epoch. Scrubbing
/// lets go of 'follow live'; End (or the button) takes it up again. Space plays and stops. A place typed into its field is gone
/// to, or to the stop nearest to it. objectNames: timeTrack, timePlay, timeFollow, timeLabel, timePlace, timeEnd, timeFirst, timePreviousImage, timeNextImage.
class TimeBar : public QWidget {
    Q_OBJECT
public:
    explicit TimeBar(QWidget* parent = nullptr);
    /// Epochs 0..last exist; `planned` >= last is where the run ends. While following, the epoch moves to
    /// `last`. An epoch that was asked for and is beyond `last` comes back with a range that has it.
    void setRange(int last, int planned);
    /// Before setRange(); `places` has one for each of its epochs.
    void setUnit(TimeUnit unit);
    void setMarks(TimeMarks marks);
    const TimeMarks& marks() const { return m_marks; }
    /// Place of a stop, and the stop nearest to a place.
    double placeOf(int epoch) const;
    int stopAt(double place) const;
    /// Moves without emitting epochChanged; clamps to 0..last. Does not change 'follow live'.
    void setEpoch(int epoch);
    /// The same, and neither plays nor follows any more.
    void standAt(int epoch);
    int epoch() const { return m_epoch; }
    int last() const { return m_last; }
    bool isFollowing() const { return m_isFollowing; }
    void setFollowing(bool isFollowing);
    bool isPlaying() const { return m_play.isActive(); }
    void setPlaying(bool isPlaying);
    /// Words give way in a narrow window.
    QSize minimumSizeHint() const override;
    /// Pictures per second while playing, 1..10 (default 4).
    void setPlaySpeed(double perSecond);

Q_SIGNALS:
    void epochChanged(int epoch);  ///< by the user, by playing, or by following
    void followChanged(bool isFollowing);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    friend class TimeTrack;
    void scrubTo(int epoch);
    void moveTo(int epoch);
    void clampTo(int epoch);
    void stepImage(int direction);
    void updateControls();
    void updateLabel();
    void makePlace();
    void goToTyped();
    double endPlace() const;
    QString placeText(double place) const;

    int m_last = 0, m_planned = 0, m_epoch = 0, m_wanted = 0;
    bool m_isFollowing = true;
    TimeUnit m_unit;
    TimeMarks m_marks;
    QTimer m_play;
    TimeTrack* m_track = nullptr;
    QToolButton* m_playButton = nullptr;
    QToolButton* m_follow = nullptr;
    QLabel *m_label = nullptr, *m_end = nullptr;
    QLineEdit* m_place = nullptr;
};

}  // namespace rlcm::ui
