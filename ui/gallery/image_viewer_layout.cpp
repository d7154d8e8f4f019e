// How the viewer is put together, and what it says.
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/gallery/image_viewer.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr int kBusyWidth = 64, kAmountWidth = 88;
constexpr QColor kScrim(12, 14, 18, 244);  // behind images, whatever the theme

/// A line of words on the scrim that gives way.
QLabel* makeWords(const QString& name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    return label;
}

}  // namespace

ImageViewer::ImageViewer(QWidget* host) : QWidget(host) {
    setObjectName(QStringLiteral("imageViewer"));
    setAccessibleName(tr("Large image"));
    setFocusPolicy(Qt::StrongFocus);
    hide();
    setStyleSheet(
        QStringLiteral("QLabel { color: rgba(255,255,255,215); background: transparent; }"
                       "QToolButton { color: white; background: rgba(255,255,255,28); border: 1px solid transparent; border-radius: 6px; padding: 4px 10px; }"
                       "QToolButton:hover { background: rgba(255,255,255,60); }"
                       "QToolButton:checked { background: rgba(255,255,255,225); color: black; }"));
    m_canvas = new ViewerCanvas(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kLarge, spacing::kMedium, spacing::kLarge, spacing::kMedium);
    column->setSpacing(spacing::kSmall);
    column->addWidget(makeBar());
    column->addWidget(m_canvas, 1);
    column->addWidget(makeFoot());
    connect(&m_cache, &ThumbnailCache::ready, this, &ImageViewer::takeDecoded);
    connect(m_canvas, &ViewerCanvas::clickedOutside, this, &ImageViewer::shut);
    connect(m_canvas, &ViewerCanvas::pointed, this, [this](const QPointF& position) { m_pixel->setText(m_canvas->pixelText(position)); });
    connect(m_canvas, &ViewerCanvas::shareChosen, this, [this](double share) { m_amount->setValue(static_cast<int>(std::lround(share * 100))); });
    connect(m_canvas, &ViewerCanvas::zoomChanged, this, [this] {
        const double percent = m_canvas->zoom() * 100;
        m_zoom->setText(m_canvas->isFitted() ? tr("fitted, %1 %").arg(std::lround(percent)) : tr("%1 %").arg(percent, 0, 'g', 4));
    });
    connect(m_amount, &QSlider::valueChanged, this, &ImageViewer::setAmount);
    connect(&m_likeness, &PairLikeness::changed, this, &ImageViewer::showNumbers);
    connect(m_measure, &QToolButton::clicked, this, &ImageViewer::measureOrCancel);
    host->installEventFilter(this);
}

QToolButton* ImageViewer::makeButton(const QString& text, const QString& name, const QString& tip) {
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setFocusPolicy(Qt::NoFocus);  // every button has a key
    return button;
}

void ImageViewer::makeModes(QHBoxLayout* row) {
    struct Choice {
        QString text, tip;
    };
    const std::array<Choice, kCompareModes> choices{Choice{tr("Side by side"), tr("A and B beside each other (S)")},
                                                    {tr("Wipe"), tr("A left of a line that can be dragged, B right of it (W)")},
                                                    {tr("Blend"), tr("A and B through each other (L)")},
                                                    {tr("Flicker"), tr("A and B in turn at the same place (Tab or Space)")},
                                                    {tr("Difference"), tr("|A − B| in each channel, multiplied (D)")},
                                                    {tr("Four"), tr("A, B, their difference and their blend at once (4)")}};
    for (int i = 0; i < kCompareModes; ++i) {
        const Choice& one = choices[static_cast<std::size_t>(i)];
        QToolButton* button = makeButton(one.text, QStringLiteral("viewerMode%1").arg(i), one.tip);
        button->setCheckable(true);
        const auto mode = static_cast<CompareMode>(i);
        connect(button, &QToolButton::clicked, this, [this, mode] { mode == CompareMode::Flicker ? flicker() : setMode(mode); });
        m_modes.push_back(button);
        row->addWidget(button);
    }
}

QWidget* ImageViewer::makeBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kTiny);
    makeModes(row);
    m_amount = new QSlider(Qt::Horizontal, bar);
    m_amount->setObjectName(QStringLiteral("viewerAmount"));
    m_amount->setAccessibleName(tr("Share of B, or gain of the difference"));
    m_amount->setFocusPolicy(Qt::NoFocus);
    m_amount->setFixedWidth(kAmountWidth);
    m_amountText = new QLabel(bar);
    row->addSpacing(spacing::kSmall);
    row->addWidget(m_amount);
    row->addWidget(m_amountText);
    row->addStretch(1);
    QToolButton* fit = makeButton(tr("Fit"), QStringLiteral("viewerFit"), tr("As large as whole factors allow (0)"));
    connect(fit, &QToolButton::clicked, this, [this] { m_canvas->setZoom(std::nullopt); });
    QToolButton* one = makeButton(tr("1:1"), QStringLiteral("viewerOne"), tr("Pixel for pixel (1)"));
    connect(one, &QToolButton::clicked, this, [this] { m_canvas->setZoom(1.0); });
    QToolButton* close = makeButton(QStringLiteral("✕"), QStringLiteral("viewerClose"), tr("Close (Escape)"));
    connect(close, &QToolButton::clicked, this, &ImageViewer::shut);
    for (QToolButton* button : {fit, one, close}) {
        row->addWidget(button);
    }
    return bar;
}

QWidget* ImageViewer::makeFoot() {
    auto* foot = new QWidget(this);
    auto* column = new QVBoxLayout(foot);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kTiny);
    m_captionA = makeWords(QStringLiteral("viewerA"), foot);
    m_captionB = makeWords(QStringLiteral("viewerB"), foot);
    m_numbers = makeWords(QStringLiteral("viewerNumbers"), foot);
    m_pixel = new QLabel(foot);
    m_pixel->setObjectName(QStringLiteral("viewerPixel"));
    m_zoom = new QLabel(foot);
    m_zoom->setObjectName(QStringLiteral("viewerZoom"));
    auto* captions = new QHBoxLayout;
    captions->setSpacing(spacing::kHuge);
    captions->addWidget(m_captionA, 1);
    captions->addWidget(m_captionB, 1);
    m_measuring = new QProgressBar(foot);
    m_measuring->setObjectName(QStringLiteral("viewerMeasuring"));
    m_measuring->setRange(0, 0);
    m_measuring->setTextVisible(false);
    m_measuring->setFixedWidth(kBusyWidth);
    m_measure = makeButton({}, QStringLiteral("viewerLikeness"), tr("Stop or begin to measure how alike A and B are to the judge's CLIP model (C)"));
    auto* numbers = new QHBoxLayout;
    numbers->setSpacing(spacing::kSmall);
    numbers->addWidget(m_numbers, 1);
    numbers->addWidget(m_measuring);
    numbers->addWidget(m_measure);
    numbers->addWidget(m_pixel);
    numbers->addSpacing(spacing::kSmall);
    numbers->addWidget(m_zoom);
    column->addLayout(captions);
    column->addLayout(numbers);
    return foot;
}

void ImageViewer::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), kScrim);
}

void ImageViewer::showAmount() {
    const CompareMode mode = m_canvas->mode();
    const bool isDifference = mode == CompareMode::Difference || mode == CompareMode::Four;
    const bool hasAmount = part(Side::B).wanted && (isDifference || mode == CompareMode::Wipe || mode == CompareMode::Blend);
    const QSignalBlocker quiet(m_amount);
    m_amount->setRange(0, isDifference ? 5 : 100);
    m_amount->setSingleStep(isDifference ? 1 : 5);
    m_amount->setValue(isDifference ? static_cast<int>(std::lround(std::log2(m_canvas->gain()))) : static_cast<int>(std::lround(m_canvas->share() * 100)));
    m_amountText->setText(isDifference ? tr("× %1").arg(m_canvas->gain()) : tr("%1 %").arg(m_amount->value()));
    m_amount->setVisible(hasAmount);
    m_amountText->setVisible(hasAmount);
}

/// Each in the half that it has, however long the prompt is; whole in the tool tip.
void ImageViewer::showCaptions() {
    const bool hasB = part(Side::B).shown.has_value();
    const bool isFlickering = hasB && m_canvas->mode() == CompareMode::Flicker;
    const int room = (width() - 2 * spacing::kLarge - (hasB ? spacing::kHuge : 0)) / (hasB ? 2 : 1);
    for (const auto& [label, side] : {std::pair(m_captionA, Side::A), {m_captionB, Side::B}}) {
        const bool isSeen = isFlickering && m_canvas->showsB() == (side == Side::B);
        const QString letter = side == Side::A ? tr("A") : tr("B");
        const QString text = (hasB ? letter + (isSeen ? tr(" (seen)") : QString()) + QStringLiteral("  ") : QString()) + captionOf(side);
        QStringList lines;
        for (const QString& line : text.split(QLatin1Char('\n'))) {
            lines << label->fontMetrics().elidedText(line, Qt::ElideRight, room);
        }
        label->setText(lines.join(QLatin1Char('\n')));
        label->setToolTip(plainToolTip(text));
        label->setStyleSheet(part(side).shown && part(side).shown->isFallback ? QStringLiteral("color: #ffcc66;") : QString());
    }
    m_captionB->setVisible(hasB);
}

/// The button is there where there is something to stop or to begin.
void ImageViewer::showNumbers() {
    const PairLikeness::State state = m_likeness.state();
    const bool isMeasuring = state == PairLikeness::State::Measuring;
    m_measuring->setVisible(isMeasuring);
    m_measure->setText(isMeasuring ? tr("Cancel") : state == PairLikeness::State::Failed ? tr("Try again") : tr("CLIP cosine"));
    m_measure->setVisible(isMeasuring || state == PairLikeness::State::Failed || state == PairLikeness::State::Cancelled);
    m_numbers->setText(numbersText());
    const QString model = m_likeness.model();
    m_numbers->setToolTip(plainToolTip(state == PairLikeness::State::Failed ? m_likeness.problem()
                                       : model.isEmpty()                    ? QString()
                                                         : tr("CLIP cosine: of both images in the space of %1, the judge of their runs").arg(model)));
}

void ImageViewer::resizeEvent(QResizeEvent*) {
    showCaptions();
}

void ImageViewer::showAll() {
    const Part &a = part(Side::A), &b = part(Side::B);
    const bool hasB = b.shown.has_value();
    std::array<QString, 2> words;
    for (const Side side : {Side::A, Side::B}) {
        const std::optional<ViewedImage>& one = part(side).shown;
        words[static_cast<std::size_t>(side)] = !one                     ? QString()
                                                : !one->file.isEmpty()   ? tr("cannot be read")
                                                : one->absence.isEmpty() ? tr("no image yet")
                                                                         : one->absence;
    }
    m_canvas->setWords(words);
    m_canvas->setImages(a.picture, b.picture, hasB);
    for (std::size_t i = 0; i < m_modes.size(); ++i) {
        m_modes[i]->setChecked(hasB && static_cast<std::size_t>(m_canvas->mode()) == i);
    }
    showCaptions();
    if (hasB && a.shown) {
        m_likeness.look(*a.shown, a.picture, *b.shown, b.picture);
    } else {
        m_likeness.leave();
    }
    showNumbers();
    setAccessibleDescription(captionOf(Side::A) + QLatin1Char('\n') + captionOf(Side::B));
    showAmount();
}

}  // namespace rlcm::ui
