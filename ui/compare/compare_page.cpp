#include "ui/compare/compare_page.h"

#include <QFileInfo>
#include <QJsonDocument>
#include <QKeyEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/error.h"
#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_page_impl.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {
namespace {

constexpr int kStateVersion = 1;
constexpr double kFirstHalfLife = 3;  ///< epochs

QFrame* card(QWidget* content, QWidget* parent) {
    auto* frame = makeCard(new QFrame(parent));
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(1, 1, 1, 1);
    column->addWidget(content);
    return frame;
}

}  // namespace

void ComparePage::Impl::build() {
    bar = new MessageBar(self);
    stack = new QStackedWidget(self);
    empty = new EmptyState(Icon::Chart, {}, {}, {}, stack);
    auto* content = new QWidget(stack);
    controls = new CompareControls(content);
    chart = new ChartWidget(content);
    chart->setObjectName(QStringLiteral("compareChart"));
    table = new CursorTable(content);
    row = new ImageRow(content);
    across = new QSplitter(Qt::Horizontal, content);
    across->addWidget(card(chart, across));
    across->addWidget(table);
    across->setStretchFactor(0, 3);
    across->setStretchFactor(1, 2);
    down = new QSplitter(Qt::Vertical, content);
    down->addWidget(across);
    down->addWidget(row);
    down->setStretchFactor(0, 3);
    down->setStretchFactor(1, 1);
    for (QSplitter* splitter : {across, down}) {
        splitter->setHandleWidth(spacing::kMedium);
        splitter->setChildrenCollapsible(false);
    }
    across->setSizes({500, 500});
    down->setSizes({600, 330});
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(controls);
    column->addWidget(down, 1);
    stack->addWidget(empty);
    stack->addWidget(content);
    auto* outer = new QVBoxLayout(self);
    outer->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kMedium, spacing::kSmall);
    outer->setSpacing(spacing::kMedium);
    outer->addWidget(stack, 1);
    bar->floatOver(self);  // nothing moves under the mouse when it comes
    controls->setHalfLife(kFirstHalfLife);
    changeAxis();
    showEmptyState();
}

void ComparePage::Impl::connectAll() {
    QObject::connect(&loader, &CompareLoader::curvesLoaded, self, [this] { takeCurves(); });
    QObject::connect(
        &loader, &CompareLoader::imagesLoaded, self, [this](const std::vector<RunImages>& loaded) {
            takeImages(loaded);
        });
    QObject::connect(
        &loader, &CompareLoader::failed, self, [this](const QString& message) { fail(message); });
    QObject::connect(bar, &MessageBar::actionTriggered, self, [this] {
        bar->dismiss();
        self->refresh();
    });
    QObject::connect(empty, &EmptyState::triggered, self, &ComparePage::newRunRequested);
    QObject::connect(controls, &CompareControls::scalarChanged, self, [this] {
        askForCurves();
        showCurves();  // not the old values under the new name
    });
    QObject::connect(controls, &CompareControls::axisChanged, self, [this] { changeAxis(); });
    QObject::connect(controls, &CompareControls::viewChanged, self, [this] { showCurves(); });
    QObject::connect(
        controls, &CompareControls::exportRequested, self, [this](const QString& what) { exportAs(what); });
    QObject::connect(chart, &ChartWidget::cursorMoved, self, [this](double x) {
        showCursor();
        if (shownAxis == XAxis::Epoch) Q_EMIT self->cursorEpochChanged(static_cast<int>(std::lround(x)));
    });
    QObject::connect(table, &CursorTable::activated, self, &ComparePage::runActivated);
    QObject::connect(row, &ImageRow::imageIndexChanged, self, [this] { showImages(); });
}

// --- data
// --------------------------------------------------------------------------------------------------------

void ComparePage::Impl::askForCurves() {
    if (!self->isVisible()) {
        isStale = true;
        return;
    }
    isStale = false;
    loader.loadCurves(controls->scalar());
}

void ComparePage::Impl::takeCurves() {
    isLoaded = true;
    controls->setScalars(data().scalarNames);
    controls->setRewards(rewards());
    controls->setLongestX(longestX(data(), shownAxis));
    showEmptyState();
    showCurves();
}

void ComparePage::Impl::takeImages(const std::vector<RunImages>& loaded) {
    images = loaded;
    showImages();
}

/// Keeps the tracked point and the share of the axis that is smoothed over, not the numbers.
void ComparePage::Impl::changeAxis() {
    const XAxis axis = controls->axis();
    const double before = longestX(data(), shownAxis), after = longestX(data(), axis);
    const std::optional<double> cursor = chart->cursor();
    if (cursor) chart->setCursor(convertX(data(), *cursor, shownAxis, axis));
    shownAxis = axis;
    {
        const QSignalBlocker quiet(controls);
        const double halfLife = controls->halfLife();
        controls->setLongestX(after);
        if (before > 0 && after > 0) controls->setHalfLife(halfLife * after / before);
    }
    chart->setDurationAxis(isTime(axis));
    chart->setPlaceText([axis](double x) { return placeText(axis, x); });
    chart->resetZoom();
    showCurves();
}

// --- public
// ------------------------------------------------------------------------------------------------------

ComparePage::ComparePage(StoreService& store, QWidget* parent) : QWidget(parent), m_impl(std::make_unique<Impl>(this, store)) {
    m_impl->build();
    m_impl->connectAll();
    setFocusPolicy(Qt::StrongFocus);
}

ComparePage::~ComparePage() = default;

void ComparePage::refresh() {
    m_impl->askForCurves();
}

void ComparePage::setCursorEpoch(int epoch) {
    m_impl->chart->setCursor(convertX(m_impl->data(), epoch, XAxis::Epoch, m_impl->shownAxis));
    m_impl->showCursor();
}

void ComparePage::exportFigure() {
    m_impl->exportAs(QStringLiteral("page"));
}

void ComparePage::copyTable() {
    m_impl->table->copy();
}

QByteArray ComparePage::saveState() const {
    const auto text = [](const QSplitter* splitter) {
        return QString::fromLatin1(splitter->saveState().toBase64());
    };
    const QJsonObject state{{QStringLiteral("version"), kStateVersion},
                            {QStringLiteral("controls"), m_impl->controls->state()},
                            {QStringLiteral("across"), text(m_impl->across)},
                            {QStringLiteral("down"), text(m_impl->down)}};
    return QJsonDocument(state).toJson(QJsonDocument::Compact);
}

void ComparePage::restoreState(const QByteArray& bytes) {
    const QJsonObject state = QJsonDocument::fromJson(bytes).object();
    if (state.value(QLatin1String("version")).toInt() != kStateVersion) return;
    m_impl->across->restoreState(
        QByteArray::fromBase64(state.value(QLatin1String("across")).toString().toLatin1()));
    m_impl->down->restoreState(
        QByteArray::fromBase64(state.value(QLatin1String("down")).toString().toLatin1()));
    const QJsonObject controls = state.value(QLatin1String("controls")).toObject();
    m_impl->controls->setState(controls);
    m_impl->changeAxis();
    m_impl->controls->setHalfLife(controls.value(QLatin1String("halfLife")).toDouble());
    refresh();
}

void ComparePage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_impl->isStale) refresh();
}

void ComparePage::keyPressEvent(QKeyEvent* event) {
    CompareControls* controls = m_impl->controls;
    const int digit = event->key() - Qt::Key_1;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) return QWidget::keyPressEvent(event);
    if (digit >= 0 && digit < kXAxes) return controls->setAxis(static_cast<XAxis>(digit));
    switch (event->key()) {
        case Qt::Key_BracketLeft:
            controls->setHalfLife(controls->halfLife() / 2);
            break;
        case Qt::Key_BracketRight:
            controls->setHalfLife(controls->halfLife() * 2);
            break;
        case Qt::Key_R:
            controls->toggleRaw();
            break;
        case Qt::Key_L:
            controls->toggleLogY();
            break;
        case Qt::Key_O:
            controls->toggleOutliers();
            break;
        case Qt::Key_G:
            controls->toggleGroup();
            break;
        case Qt::Key_F:
            m_impl->chart->resetZoom();
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

}  // namespace rlcm::ui
