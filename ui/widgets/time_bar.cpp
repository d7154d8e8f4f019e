#include "ui/widgets/time_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "ui/theme/icons.h"
#include "ui/widgets/time_track.h"

namespace rlcm::ui {
namespace {
constexpr int kPlacePadding = 22;                                                    // of the field around its text
constexpr int kNarrowest = 400, kWithFollow = 520, kWithEnd = 620, kWithUnit = 760;  // pixels

struct Unit {
    QLatin1String word;
    double size = 1;
};
const Unit kUnits[] = {{QLatin1String(""), 1},  {QLatin1String("k"), 1e3},  {QLatin1String("m"), 1e6},  {QLatin1String("g"), 1e9},
                       {QLatin1String("s"), 1}, {QLatin1String("min"), 60}, {QLatin1String("h"), 3600}, {QLatin1String("d"), 86400}};
}  // namespace

std::optional<double> readPlace(const QString& text) {
    static const QRegularExpression part(QStringLiteral("([0-9]*[.,]?[0-9]+)\\s*([a-z]*)\\s*"), QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression clock(QStringLiteral("^(?:(\\d+):)?(\\d+):(\\d\\d)$"));
    const QString plain = text.trimmed();
    if (const QRegularExpressionMatch match = clock.match(plain); match.hasMatch()) {
        return match.captured(1).toDouble() * 3600 + match.captured(2).toDouble() * 60 + match.captured(3).toDouble();
    }
    double sum = 0;
    qsizetype read = 0;
    while (read < plain.size()) {
        const QRegularExpressionMatch match = part.match(plain, read, QRegularExpression::NormalMatch, QRegularExpression::AnchorAtOffsetMatchOption);
        const auto* times = std::ranges::find_if(kUnits, [word = match.captured(2).toLower()](const Unit& unit) { return word == unit.word; });
        if (!match.hasMatch() || times == std::end(kUnits)) {
            return std::nullopt;
        }
        sum += match.captured(1).replace(QLatin1Char(','), QLatin1Char('.')).toDouble() * times->size;
        read = match.capturedEnd();
    }
    return read > 0 ? std::optional(sum) : std::nullopt;
}

TimeBar::TimeBar(QWidget* parent) : QWidget(parent) {
    const auto button = [this](Icon which, const QString& name, const QString& tip) {
        auto* result = new QToolButton(this);
        result->setIcon(icon(which));
        result->setIconSize(QSize(18, 18));
        result->setObjectName(name);
        result->setToolTip(tip);
        result->setAccessibleName(tip);
        result->setFocusPolicy(Qt::TabFocus);
        return result;
    };
    m_playButton = button(Icon::Play, QStringLiteral("timePlay"), tr("Play through the epochs (Space)"));
    auto* first = button(Icon::First, QStringLiteral("timeFirst"), tr("First epoch (Home)"));
    auto* previous = button(Icon::Previous, QStringLiteral("timePreviousImage"), tr("Previous epoch with images (Page Up)"));
    auto* next = button(Icon::Next, QStringLiteral("timeNextImage"), tr("Next epoch with images (Page Down)"));
    m_follow = button(Icon::Live, QStringLiteral("timeFollow"), tr("Follow the newest epoch (End)"));
    m_follow->setText(tr("Follow live"));
    m_follow->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_follow->setCheckable(true);
    makePlace();
    m_track = new TimeTrack(*this);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::kMedium, spacing::kTiny, spacing::kMedium, spacing::kTiny);
    row->setSpacing(spacing::kTiny);
    row->addWidget(first);
    row->addWidget(previous);
    row->addWidget(m_playButton);
    row->addWidget(next);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_track, 1);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_label);
    row->addWidget(m_place);
    row->addWidget(m_end);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_follow);

    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Epoch"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setPlaySpeed(4);
    connect(m_playButton, &QToolButton::clicked, this, [this] { setPlaying(!isPlaying()); });
    connect(first, &QToolButton::clicked, this, [this] { scrubTo(0); });
    connect(previous, &QToolButton::clicked, this, [this] { stepImage(-1); });
    connect(next, &QToolButton::clicked, this, [this] { stepImage(+1); });
    connect(m_follow, &QToolButton::clicked, this, [this](bool isOn) { setFollowing(isOn); });
    connect(&m_play, &QTimer::timeout, this, [this] {
        if (m_epoch >= m_last) {
            setPlaying(false);
        } else {
            moveTo(m_epoch + 1);
        }
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] { m_track->update(); });
    updateControls();
}

/// What the bar counts, the field that says and takes the place, and the end.
void TimeBar::makePlace() {
    m_label = new QLabel(this);
    m_label->setObjectName(QStringLiteral("timeLabel"));
    m_place = new QLineEdit(this);
    m_place->setObjectName(QStringLiteral("timePlace"));
    m_place->setAlignment(Qt::AlignRight);
    m_place->setToolTip(tr("Type where to go, then Return"));
    m_place->setAccessibleName(tr("Place in time"));
    m_place->installEventFilter(this);
    m_label->setBuddy(m_place);
    m_end = new QLabel(this);
    m_end->setObjectName(QStringLiteral("timeEnd"));
    connect(m_place, &QLineEdit::returnPressed, this, &TimeBar::goToTyped);
}

void TimeBar::setRange(int last, int planned) {
    m_last = std::max(0, last);
    m_planned = std::max({m_last, planned, 0});
    m_isFollowing ? moveTo(m_last) : clampTo(m_wanted);
    updateControls();
}

void TimeBar::setUnit(TimeUnit unit) {
    m_unit = std::move(unit);
    updateLabel();
}

void TimeBar::setMarks(TimeMarks marks) {
    m_marks = std::move(marks);
    m_track->update();
}

double TimeBar::placeOf(int epoch) const {
    const auto stop = static_cast<std::size_t>(std::max(0, epoch));
    return m_unit.places.empty() ? epoch : m_unit.places[std::min(stop, m_unit.places.size() - 1)];
}

int TimeBar::stopAt(double place) const {
    if (m_unit.places.empty()) {
        return std::clamp(static_cast<int>(std::lround(std::clamp(place, 0.0, 1e9))), 0, m_last);
    }
    const auto after = std::ranges::lower_bound(m_unit.places, place);
    auto stop = static_cast<int>(after - m_unit.places.begin());
    const bool isNearerBefore = stop > 0 && (after == m_unit.places.end() || place - *std::prev(after) < *after - place);
    return std::clamp(stop - (isNearerBefore ? 1 : 0), 0, m_last);
}

double TimeBar::endPlace() const {
    return m_unit.places.empty() ? std::max(1, m_planned) : std::max({m_unit.end, m_unit.places.back(), 1e-9});
}

QString TimeBar::placeText(double place) const {
    return m_unit.text ? m_unit.text(place) : QString::number(place, 'f', 0);
}

void TimeBar::goToTyped() {
    if (const std::optional<double> place = readPlace(m_place->text())) {
        scrubTo(stopAt(*place));
        setFocus(Qt::OtherFocusReason);  // the keys step from there
    } else {
        m_place->selectAll();
    }
}

bool TimeBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_place && event->type() == QEvent::FocusOut) {
        updateLabel();
    }
    const bool isKey = watched == m_place && event->type() == QEvent::KeyPress;
    if (isKey && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        setFocus(Qt::OtherFocusReason);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void TimeBar::setEpoch(int epoch) {
    m_wanted = epoch;
    m_epoch = std::clamp(epoch, 0, m_last);
    updateLabel();
}

void TimeBar::standAt(int epoch) {
    setPlaying(false);
    setFollowing(false);
    setEpoch(epoch);
}

void TimeBar::setFollowing(bool isFollowing) {
    if (isFollowing != m_isFollowing) {
        m_isFollowing = isFollowing;
        if (isFollowing) {
            setPlaying(false);
        }
        Q_EMIT followChanged(isFollowing);
    }
    if (isFollowing) {
        moveTo(m_last);
    }
    updateControls();
}

void TimeBar::setPlaying(bool isPlaying) {
    if (isPlaying == m_play.isActive()) {
        return;
    }
    if (isPlaying) {
        setFollowing(false);
        if (m_epoch >= m_last) {
            moveTo(0);
        }
        m_play.start();
    } else {
        m_play.stop();
    }
    updateControls();
}

void TimeBar::setPlaySpeed(double perSecond) {
    m_play.setInterval(static_cast<int>(std::lround(1000.0 / std::clamp(perSecond, 1.0, 10.0))));
}

/// Every move by hand lets go of 'follow live'.
void TimeBar::scrubTo(int epoch) {
    setPlaying(false);
    setFollowing(false);
    moveTo(epoch);
}

void TimeBar::moveTo(int epoch) {
    m_wanted = std::clamp(epoch, 0, m_last);
    clampTo(m_wanted);
}

void TimeBar::clampTo(int epoch) {
    const int clamped = std::clamp(epoch, 0, m_last);
    const bool isChanged = clamped != m_epoch;
    m_epoch = clamped;
    updateLabel();
    if (isChanged) {
        Q_EMIT epochChanged(m_epoch);
    }
}

void TimeBar::stepImage(int direction) {
    const std::vector<double>& images = m_marks.images;
    if (direction > 0) {
        const auto next = std::ranges::find_if(images, [this](double place) { return stopAt(place) > m_epoch; });
        scrubTo(next == images.end() ? m_last : stopAt(*next));
    } else {
        const auto before = std::find_if(images.rbegin(), images.rend(), [this](double place) { return stopAt(place) < m_epoch; });
        scrubTo(before == images.rend() ? 0 : stopAt(*before));
    }
}

void TimeBar::keyPressEvent(QKeyEvent* event) {
    const int step = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    switch (event->key()) {
        case Qt::Key_Left:
            scrubTo(m_epoch - step);
            break;
        case Qt::Key_Right:
            scrubTo(m_epoch + step);
            break;
        case Qt::Key_PageUp:
            stepImage(-1);
            break;
        case Qt::Key_PageDown:
            stepImage(+1);
            break;
        case Qt::Key_Home:
            scrubTo(0);
            break;
        case Qt::Key_End:
            setFollowing(true);
            break;
        case Qt::Key_Space:
            setPlaying(!isPlaying());
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

void TimeBar::hideEvent(QHideEvent* event) {
    setPlaying(false);
    QWidget::hideEvent(event);
}

QSize TimeBar::minimumSizeHint() const {
    return {kNarrowest, QWidget::minimumSizeHint().height()};
}

void TimeBar::resizeEvent(QResizeEvent* event) {
    m_label->setVisible(width() >= kWithUnit);
    m_end->setVisible(width() >= kWithEnd);
    m_follow->setToolButtonStyle(width() >= kWithFollow ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    QWidget::resizeEvent(event);
}

void TimeBar::updateControls() {
    m_playButton->setIcon(icon(isPlaying() ? Icon::Pause : Icon::Play));
    m_follow->setChecked(m_isFollowing);
    m_follow->setIcon(icon(Icon::Live, m_isFollowing ? Role::Accent : Role::MutedText));
    m_track->setEnabled(m_last > 0);
    m_playButton->setEnabled(m_last > 0);
    updateLabel();
}

void TimeBar::updateLabel() {
    const QString here = placeText(placeOf(m_epoch)), end = placeText(m_unit.places.empty() ? m_planned : endPlace());
    m_label->setText(m_unit.name.isEmpty() ? tr("Epoch") : m_unit.name);
    if (!m_place->hasFocus()) {
        m_place->setText(here);
    }
    m_end->setText(tr("of %1").arg(end));
    // Digits change while playing; a width for the largest number keeps the track from jumping.
    const QFontMetrics metrics = m_place->fontMetrics();
    m_place->setFixedWidth(std::max(metrics.horizontalAdvance(end), metrics.horizontalAdvance(m_unit.text ? here : end)) + kPlacePadding);
    setAccessibleDescription(tr("%1 %2 of %3").arg(m_label->text(), here, end));
    m_track->update();
}

}  // namespace rlcm::ui
