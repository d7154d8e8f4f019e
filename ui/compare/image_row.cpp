#include "ui/compare/image_row.h"

#include <QHBoxLayout>
#include <QHelpEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>

#include "ui/gallery/image_menu.h"
#include "ui/gallery/image_viewer.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr int kGap = 12;
constexpr int kLeastSide = 88;
constexpr int kMostSide = 320;
constexpr int kNameIndent = 15, kMostNameWidth = 150;

}  // namespace

/// Paints the cells; the row owns the data.
class ImageCanvas : public QWidget {
public:
    explicit ImageCanvas(ImageRow& row) : QWidget(&row), m_row(row) {
        setObjectName(QStringLiteral("imageCanvas"));
        setFocusPolicy(Qt::ClickFocus);  // for the keys of the viewer
    }

    int lineHeight() const { return fontMetrics().height() + 2; }
    /// Of the words under an image.
    int wordsHeight() const { return (m_row.m_isOnePlace ? 1 : 2) * lineHeight() + 6; }
    void setSide(int side) {
        m_side = side;
        m_wordsWidth = fontMetrics().horizontalAdvance(QStringLiteral("ep 000"));
        for (const ImageCell& cell : m_row.m_cells) {
            const int name = std::min(kNameIndent + fontMetrics().horizontalAdvance(cell.run) + 2, std::max(kMostNameWidth, side));
            m_wordsWidth = std::max({m_wordsWidth, name, fontMetrics().horizontalAdvance(cell.place) + 4});
        }
        const int count = static_cast<int>(m_row.m_cells.size());
        setFixedSize(std::max(1, count * (cellWidth() + kGap) - kGap), side + wordsHeight());
        update();
    }

protected:
    void paintEvent(QPaintEvent* event) override {
        QPainter painter(this);
        painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        for (std::size_t i = 0; i < m_row.m_cells.size(); ++i) {
            const QRect cell = cellRect(i);
            if (cell.intersects(event->rect())) {
                paintCell(painter, cell, m_row.m_cells[i], static_cast<int>(i) == m_row.m_highlight);
            }
        }
    }
    void mouseDoubleClickEvent(QMouseEvent* event) override {
        if (event->modifiers() == Qt::NoModifier) {
            m_row.openLarge(cellAt(event->position().toPoint()));
        }
    }
    void mousePressEvent(QMouseEvent* event) override {
        if (event->button() == Qt::LeftButton && event->modifiers() == Qt::ShiftModifier) {
            m_row.compareAsB(cellAt(event->position().toPoint()));
        }
    }
    void contextMenuEvent(QContextMenuEvent* event) override {
        const int cell = cellAt(event->pos());
        if (!m_row.hasCell(cell)) {
            return;
        }
        showImageMenu(this, event->globalPos(),
                      {.open = [this, cell] { m_row.openLarge(cell); },
                       .chooseA = [this, cell] { m_row.chooseAsA(cell); },
                       .compareB = [this, cell] { m_row.compareAsB(cell); },
                       .copy = {}});
    }
    void keyPressEvent(QKeyEvent* event) override {
        const int cell = cellAt(mapFromGlobal(QCursor::pos()));
        const bool isPlain = event->modifiers() == Qt::NoModifier && underMouse();
        if (isPlain && event->key() == Qt::Key_A) {
            m_row.chooseAsA(cell);
        } else if (isPlain && event->key() == Qt::Key_B) {
            m_row.compareAsB(cell);
        } else {
            QWidget::keyPressEvent(event);
        }
    }
    bool event(QEvent* event) override {
        if (event->type() == QEvent::ToolTip) {
            const auto* help = static_cast<QHelpEvent*>(event);
            const auto at = static_cast<std::size_t>(std::max(0, help->pos().x() / (cellWidth() + kGap)));
            if (at < m_row.m_cells.size()) {
                const ImageCell& cell = m_row.m_cells[at];
                QToolTip::showText(help->globalPos(),
                                   QStringLiteral("%1\n%2\n%3")
                                       .arg(cell.fullName, cell.place, cell.file.isEmpty() ? cell.absence : cell.prompt)
                                       .toHtmlEscaped()
                                       .replace(QLatin1Char('\n'), QLatin1String("<br>")),
                                   this);
            }
            return true;
        }
        return QWidget::event(event);
    }

private:
    int cellAt(const QPoint& position) const { return position.x() < 0 ? -1 : position.x() / (cellWidth() + kGap); }
    /// Wide enough for every name, unless it is long, and for every place, which may be asked for in any unit.
    int cellWidth() const { return std::max(m_side, m_wordsWidth); }
    QRect cellRect(std::size_t i) const { return QRect(static_cast<int>(i) * (cellWidth() + kGap), 0, cellWidth(), height()); }

    void paintCell(QPainter& painter, const QRect& cell, const ImageCell& item, bool isLit) {
        const QRect frame(cell.left(), 0, m_side, m_side);
        painter.setPen(QPen(colour(isLit ? Role::Accent : Role::Border), isLit ? 3 : 1));
        painter.setBrush(colour(Role::Window));
        painter.drawRoundedRect(QRectF(frame).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        const QImage image = item.file.isEmpty() ? QImage() : m_row.m_images->image(item.file);
        if (image.isNull()) {
            painter.setPen(colour(Role::MutedText));
            const bool isLost = !item.file.isEmpty() && m_row.m_images->isUnreadable(item.file);
            const QString text = item.file.isEmpty() ? (item.absence.isEmpty() ? ImageRow::tr("no image yet") : item.absence)
                                 : isLost            ? ImageRow::tr("cannot be read")
                                                     : QString();
            painter.drawText(frame.adjusted(4, 0, -4, 0), Qt::AlignCenter | Qt::TextWordWrap, text);
        } else {
            QSizeF size = image.size();
            size.scale(frame.size(), Qt::KeepAspectRatio);
            QRectF target(QPointF(), size);
            target.moveCenter(QRectF(frame).center());
            painter.drawImage(target, image);
        }
        int y = frame.bottom() + 6;
        const auto line = [&](const QString& text, const QColor& ink, int left) {
            painter.setPen(ink);
            const QString shown = fontMetrics().elidedText(text, Qt::ElideMiddle, cell.width() - left);
            painter.drawText(QRect(cell.left() + left, y, cell.width() - left, lineHeight()), Qt::AlignVCenter | Qt::AlignLeft, shown);
            y += lineHeight();
        };
        painter.setPen(Qt::NoPen);
        painter.setBrush(inTheme(item.colour, isDark()));
        painter.drawEllipse(QPointF(cell.left() + 5, y + lineHeight() / 2.0), 4.5, 4.5);
        line(item.run, colour(Role::Text), kNameIndent);
        if (!m_row.m_isOnePlace) {
            line(item.place, colour(item.isFallback ? Role::Warning : Role::MutedText), 0);
        }
        if (!image.isNull()) {
            paintBadge(painter, frame, formatReward(item.reward));
        }
    }
    void paintBadge(QPainter& painter, const QRect& frame, const QString& text) const {
        const QSize size(fontMetrics().horizontalAdvance(text) + 10, fontMetrics().height() + 2);
        const QRect box(QPoint(frame.right() - size.width() - 3, frame.top() + 4), size);
        QColor back = colour(Role::Panel);
        back.setAlphaF(0.88F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(back);
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(colour(Role::Text));
        painter.drawText(box, Qt::AlignCenter, text);
    }

    ImageRow& m_row;
    int m_side = kLeastSide, m_wordsWidth = 0;
};

ImageRow::ImageRow(QWidget* parent)
    : QFrame(parent),
      m_images(new ThumbnailCache(this)),
      m_link(new ImageLink(this)),
      m_index(new QSpinBox(this)),
      m_title(makeHeading(new QLabel(tr("Evaluation image"), this))),
      m_of(new QLabel(this)),
      m_prompt(new QLabel(this)),
      m_place(new QLabel(this)),
      m_head(new QHBoxLayout),
      m_scroll(new QScrollArea(this)),
      m_canvas(new ImageCanvas(*this)) {
    makeCard(this);
    m_index->setObjectName(QStringLiteral("imageIndex"));
    m_index->setAccessibleName(tr("Number of the evaluation image"));
    m_index->setRange(1, 1);
    m_index->setToolTip(tr("Which image of the fixed evaluation set"));
    m_prompt->setObjectName(QStringLiteral("imagePrompt"));
    m_prompt->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_place->setObjectName(QStringLiteral("imagePlace"));
    makeMuted(m_prompt);
    makeMuted(m_place);
    makeMuted(m_of);
    m_title->setBuddy(m_index);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidget(m_canvas);
    m_scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_canvas->installEventFilter(this);
    m_canvas->setAutoFillBackground(false);
    m_head->setSpacing(spacing::kSmall);
    m_head->addWidget(m_title);
    m_head->addWidget(m_index);
    m_head->addWidget(m_of);
    m_head->addSpacing(spacing::kSmall);
    m_head->addWidget(m_prompt, 1);
    m_head->addWidget(m_place);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kMedium, spacing::kSmall);
    column->setSpacing(spacing::kSmall);
    column->addLayout(m_head);
    column->addWidget(m_scroll, 1);
    setMinimumHeight(kLeastSide + 2 * m_canvas->lineHeight() + 78);
    connect(m_index, &QSpinBox::valueChanged, this, [this](int value) { Q_EMIT imageIndexChanged(value - 1); });
    connect(m_link, &ImageLink::stepAsked, this, &ImageRow::step);
    connect(m_images, &ThumbnailCache::ready, m_canvas, [this] { m_canvas->update(); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, m_canvas, qOverload<>(&QWidget::update));
    setCells({}, 0);
}

ImageRow::~ImageRow() = default;

void ImageRow::setCells(std::vector<ImageCell> cells, int count, const QString& prompt) {
    m_cells = std::move(cells);
    const QSignalBlocker quiet(m_index);
    m_index->setRange(1, std::max(1, count));
    m_index->setEnabled(count > 1);
    m_of->setText(count > 0 ? tr("of %1").arg(count) : QString());
    m_prompt->setTextFormat(Qt::PlainText);
    m_prompt->setText(count > 0 ? QStringLiteral("“%1”").arg(prompt) : tr("No evaluation images yet."));
    m_isOnePlace =
        m_cells.size() > 1 && std::ranges::all_of(m_cells, [this](const ImageCell& cell) { return cell.place == m_cells.front().place && !cell.isFallback; });
    m_place->setText(m_isOnePlace ? m_cells.front().place : QString());
    layOut();
    m_viewed = std::clamp(m_viewed, 0, std::max(0, static_cast<int>(m_cells.size()) - 1));
    if (!m_cells.empty()) {
        Q_EMIT m_link->shown(viewed(m_viewed));
    }
}

bool ImageRow::isSettled() const {
    return std::all_of(m_cells.begin(), m_cells.end(), [this](const ImageCell& cell) {
        if (!cell.file.isEmpty()) {
            m_images->image(cell.file);  // asks for what stands beyond the edge
        }
        return cell.file.isEmpty() || m_images->isSettled(cell.file);
    });
}

void ImageRow::setTitle(const QString& title) {
    m_title->setText(title);
}

void ImageRow::addToHead(QWidget* widget) {
    m_head->addWidget(widget);
}

void ImageRow::setHighlight(int cell) {
    if (m_highlight != cell) {
        m_highlight = cell;
        m_canvas->update();
    }
}

ViewedImage ImageRow::viewed(int cell) const {
    const ImageCell& one = m_cells[static_cast<std::size_t>(cell)];
    ViewedImage image{.file = one.file, .absence = one.absence, .run = one.fullName, .prompt = one.prompt, .place = one.place, .isFallback = one.isFallback};
    if (!one.file.isEmpty()) {
        image.noiseSeed = one.noiseSeed;
        image.isHeldOut = one.isHeldOut;
        image.reward = one.reward;
        image.judge = one.judge;
        image.judgeModel = one.judgeModel;
    }
    return image;
}

void ImageRow::openLarge(int cell) {
    if (hasCell(cell)) {
        m_viewed = cell;
        ImageViewer::of(*this).open(viewed(cell), m_link);
    }
}

void ImageRow::chooseAsA(int cell) {
    if (hasCell(cell)) {
        m_viewed = cell;
        ImageViewer::of(*this).chooseA(viewed(cell), m_link);
    }
}

void ImageRow::compareAsB(int cell) {
    if (hasCell(cell)) {
        m_viewed = cell;
        ImageViewer::of(*this).compare(viewed(cell), m_link, viewed(0));
    }
}

/// Right and left are the same image of another run, down and up another image of the set.
void ImageRow::step(int right, int down) {
    if (down != 0) {
        setImageIndex(imageIndex() + down);
    }
    if (right != 0 && hasCell(m_viewed + right)) {
        m_viewed += right;
        Q_EMIT m_link->shown(viewed(m_viewed));
    }
}

int ImageRow::imageIndex() const {
    return m_index->value() - 1;
}

void ImageRow::setImageIndex(int index) {
    m_index->setValue(index + 1);
}

void ImageRow::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    layOut();
}

/// The row goes sideways only, so the wheel does.
bool ImageRow::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Wheel) {
        const auto* wheel = static_cast<QWheelEvent*>(event);
        const QPoint turned = wheel->pixelDelta().isNull() ? wheel->angleDelta() : wheel->pixelDelta();
        QScrollBar* bar = m_scroll->horizontalScrollBar();
        bar->setValue(bar->value() - (turned.y() != 0 ? turned.y() : turned.x()));
        return true;
    }
    return QFrame::eventFilter(watched, event);
}

/// As large as the height allows; the scroll bar, when there is one, takes its place from below.
void ImageRow::layOut() {
    const int bar = m_scroll->horizontalScrollBar()->sizeHint().height();
    const int room = m_scroll->height() - m_canvas->wordsHeight() - bar;
    m_canvas->setSide(std::clamp(room, kLeastSide, kMostSide));
}

}  // namespace rlcm::ui
