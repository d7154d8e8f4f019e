#include "ui/grid/grid_controls.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/icons.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/arrange.h"

namespace rlcm::ui {

using figure::PivotAxis;
using figure::PivotSlot;

namespace {

constexpr int kRangeLetters = 11;

QString axisName(PivotAxis axis) {
    return QString::fromStdString(std::string(figure::pivotAxisTitle(axis)));
}

}  // namespace

GridControls::GridControls(Checker checker, QWidget* parent) : QWidget(parent), m_checker(std::move(checker)) {
    const std::array axes{makeSlot(PivotSlot::Rows, tr("Rows"), QStringLiteral("gridRows")),
                          makeSlot(PivotSlot::Columns, tr("Columns"), QStringLiteral("gridColumns")),
                          makeSlot(PivotSlot::Pages, tr("Pages"), QStringLiteral("gridPages"))};
    makeLook();
    layOut(axes);
    connectAll();
    setView(m_view);
    setPages({}, 0);
}

QComboBox* GridControls::box(const QString& name, const QString& title, const QStringList& choices, const QString& tip) {
    auto* one = new QComboBox(this);
    one->setObjectName(name);
    one->setAccessibleName(title);
    one->setToolTip(tip);
    one->addItems(choices);
    return one;
}

QWidget* GridControls::makeSlot(PivotSlot slot, const QString& title, const QString& name) {
    Slot& one = m_slots[static_cast<std::size_t>(slot)];
    QStringList axes;
    for (int axis = 0; axis < figure::kPivotAxes; ++axis) {
        axes << axisName(static_cast<PivotAxis>(axis));
    }
    one.axis = box(name, title, axes, tr("What is told apart here"));
    one.range = new QLineEdit(this);
    one.range->setObjectName(name + QStringLiteral("Range"));
    one.range->setAccessibleName(tr("Range of %1").arg(title.toLower()));
    one.range->setPlaceholderText(tr("all"));
    one.range->setToolTip(
        tr("Which of them: all, first, last, 40, 0-80, 0-80 (+20), 0-80 [5], several with commas; of prompts and runs also words in their names"));
    one.range->setFixedWidth(one.range->fontMetrics().averageCharWidth() * kRangeLetters + 2 * spacing::kMedium);
    one.range->installEventFilter(this);
    QWidget* both = labelled(title, {one.axis}, this);
    both->layout()->addWidget(one.range);
    return both;
}

QWidget* GridControls::makePages() {
    auto* pages = new QWidget(this);
    m_page = box(QStringLiteral("gridPage"), tr("Page"), {}, tr("The page that is shown (, and .)"));
    m_page->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_page->setMinimumContentsLength(18);
    const auto button = [&](Icon which, const QString& name, const QString& tip) {
        auto* one = new QToolButton(pages);
        one->setObjectName(name);
        one->setIcon(icon(which));
        one->setToolTip(tip);
        one->setAccessibleName(tip);
        one->setAutoRaise(true);
        return one;
    };
    m_before = button(Icon::Previous, QStringLiteral("gridPageBefore"), tr("Page before (,)"));
    m_after = button(Icon::Next, QStringLiteral("gridPageAfter"), tr("Next page (.)"));
    auto* row = new QHBoxLayout(pages);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    row->addWidget(m_before);
    row->addWidget(m_page);
    row->addWidget(m_after);
    return pages;
}

void GridControls::makeLook() {
    m_swap = makeOutlined(new QToolButton(this));
    m_swap->setObjectName(QStringLiteral("gridSwap"));
    m_swap->setText(QStringLiteral("⇄"));
    m_swap->setAccessibleName(tr("Swap rows and columns"));
    m_swap->setToolTip(tr("Rows become columns and columns rows (T)"));
    m_sort = makeOutlined(new QToolButton(this));
    m_sort->setObjectName(QStringLiteral("gridSort"));
    m_sort->setText(tr("Sort by change"));
    m_sort->setCheckable(true);
    m_sort->setToolTip(tr("Rows whose reward has gained most come first (S)"));
    m_size = new QSlider(Qt::Horizontal, this);
    m_size->setObjectName(QStringLiteral("gridSize"));
    m_size->setAccessibleName(tr("Size of the images"));
    m_size->setToolTip(tr("Size of the images (+ and -)"));
    m_size->setRange(kLeastGridSide, kLargestGridSide);
    m_size->setSingleStep(16);
    m_size->setPageStep(32);
    m_size->setFixedWidth(90);
    m_badge = box(QStringLiteral("gridBadge"), tr("Badge"), {tr("No badge"), tr("Badge: reward"), tr("Badge: judge")}, tr("What stands on the images"));
    m_heat = box(QStringLiteral("gridHeat"), tr("Border"), {tr("No border"), tr("Border: reward"), tr("Border: change")},
                 tr("What the colour of the border is: the reward between the least and the largest of the page, or its change since the first evaluation"));
    m_prompts = box(QStringLiteral("gridPrompts"), tr("Prompts"), {tr("All prompts"), tr("Training"), tr("Held out")}, tr("Which prompts are shown"));
}

void GridControls::layOut(const std::array<QWidget*, figure::kPivotSlots>& axes) {
    auto* choices = new QWidget(this);
    auto* flow = new FlowLayout(choices, spacing::kMedium, spacing::kTiny);
    flow->setContentsMargins(0, 0, 0, 0);
    for (QWidget* one : axes) {
        flow->addWidget(one);
    }
    flow->addWidget(makePages());
    flow->addWidget(m_swap);
    flow->addWidget(m_sort);
    flow->addWidget(m_prompts);
    flow->addWidget(m_badge);
    flow->addWidget(m_heat);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    choices->setSizePolicy(policy);
    auto* note = new ElidedLabel(this);
    m_note = note;
    m_note->setObjectName(QStringLiteral("gridNote"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kTiny);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_note, 1);
    foot->addWidget(labelled(tr("Size"), {m_size}, this));
    column->addWidget(choices);
    column->addLayout(foot);
}

void GridControls::connectAll() {
    const auto choose = [this](auto change) {
        GridView next = m_view;
        change(next);
        Q_EMIT chosen(next);
    };
    for (const PivotSlot slot : {PivotSlot::Rows, PivotSlot::Columns, PivotSlot::Pages}) {
        connect(slotOf(slot).axis, &QComboBox::activated, this, [choose, slot](int axis) {
            choose([&](GridView& next) {
                next.pivot.setAxis(slot, static_cast<PivotAxis>(axis));
                next.page = 0;
            });
        });
        connect(slotOf(slot).range, &QLineEdit::textChanged, this, &GridControls::showErrors);
        connect(slotOf(slot).range, &QLineEdit::editingFinished, this, [this, slot] { chooseRange(slot); });
    }
    connect(m_page, &QComboBox::activated, this, &GridControls::pageChosen);
    connect(m_before, &QToolButton::clicked, this, [this] { turn(-1); });
    connect(m_after, &QToolButton::clicked, this, [this] { turn(1); });
    connect(m_swap, &QToolButton::clicked, this, [choose] { choose([](GridView& next) { std::swap(next.pivot.axes[0], next.pivot.axes[1]); }); });
    connect(m_sort, &QToolButton::clicked, this,
            [choose](bool isOn) { choose([&](GridView& next) { next.pivot.order = isOn ? figure::PivotOrder::ByChange : figure::PivotOrder::AsChosen; }); });
    connect(m_badge, &QComboBox::activated, this, [choose](int badge) { choose([&](GridView& next) { next.badge = static_cast<GridBadge>(badge); }); });
    connect(m_heat, &QComboBox::activated, this, [choose](int heat) { choose([&](GridView& next) { next.heat = static_cast<GridHeat>(heat); }); });
    connect(m_prompts, &QComboBox::activated, this,
            [choose](int group) { choose([&](GridView& next) { next.pivot.prompts = static_cast<figure::PromptGroup>(group); }); });
    connect(m_size, &QSlider::valueChanged, this, &GridControls::sizeChosen);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &GridControls::showErrors);
}

void GridControls::turn(int pages) {
    const int page = std::clamp(m_page->currentIndex() + pages, 0, std::max(0, m_page->count() - 1));
    if (page != m_page->currentIndex()) {
        Q_EMIT pageChosen(page);
    }
}

QString GridControls::errorOf(PivotSlot slot) const {
    return m_checker(m_view.pivot.axis(slot), slotOf(slot).range->text().toStdString());
}

/// A range that cannot be read waits in its field for being put right.
void GridControls::chooseRange(PivotSlot slot) {
    GridView next = m_view;
    std::string& range = next.pivot.ranges[static_cast<std::size_t>(m_view.pivot.axis(slot))];
    const std::string typed = slotOf(slot).range->text().trimmed().toStdString();
    if (typed != range && errorOf(slot).isEmpty()) {
        range = typed;
        next.page = slot == PivotSlot::Pages ? 0 : next.page;
        Q_EMIT chosen(next);
    }
}

/// Escape puts the range back that is shown.
bool GridControls::eventFilter(QObject* watched, QEvent* event) {
    auto* range = qobject_cast<QLineEdit*>(watched);
    if (range != nullptr && event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        for (const PivotSlot slot : {PivotSlot::Rows, PivotSlot::Columns, PivotSlot::Pages}) {
            if (slotOf(slot).range == range) {
                range->setText(QString::fromStdString(m_view.pivot.range(m_view.pivot.axis(slot))));
            }
        }
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void GridControls::showErrors() {
    QString problem;
    for (const PivotSlot slot : {PivotSlot::Rows, PivotSlot::Columns, PivotSlot::Pages}) {
        const QString error = errorOf(slot);
        slotOf(slot).range->setStyleSheet(error.isEmpty() ? QString() : QStringLiteral("border: 1px solid %1;").arg(colour(Role::Danger).name()));
        if (!error.isEmpty() && problem.isEmpty()) {
            problem = axisName(m_view.pivot.axis(slot)) + QStringLiteral(": ") + error;
        }
    }
    QPalette ink = m_note->palette();
    ink.setColor(QPalette::WindowText, colour(problem.isEmpty() ? Role::MutedText : Role::Danger));
    m_note->setPalette(ink);
    static_cast<ElidedLabel*>(m_note)->setFullText(problem.isEmpty() ? m_noteText : problem);
}

void GridControls::setView(const GridView& view) {
    const GridView before = std::exchange(m_view, view);
    for (const PivotSlot slot : {PivotSlot::Rows, PivotSlot::Columns, PivotSlot::Pages}) {
        const PivotAxis axis = view.pivot.axis(slot);
        const Slot& one = slotOf(slot);
        one.axis->setCurrentIndex(static_cast<int>(axis));
        const bool isTyped = before.pivot.axis(slot) == axis && before.pivot.range(axis) == view.pivot.range(axis);
        if (!isTyped || !one.range->hasFocus()) {  // what is being typed stays
            const QSignalBlocker quiet(one.range);
            one.range->setText(QString::fromStdString(view.pivot.range(axis)));
        }
    }
    const QSignalBlocker quiet(m_size);
    m_size->setValue(view.side);
    m_sort->setChecked(view.pivot.order == figure::PivotOrder::ByChange);
    m_badge->setCurrentIndex(static_cast<int>(view.badge));
    m_heat->setCurrentIndex(static_cast<int>(view.heat));
    m_prompts->setCurrentIndex(static_cast<int>(view.pivot.prompts));
    showErrors();
}

void GridControls::setPages(const QStringList& pages, int shown) {
    QStringList present;
    for (int i = 0; i < m_page->count(); ++i) {
        present << m_page->itemText(i);
    }
    if (pages != present) {  // the list may be open right now
        m_page->clear();
        m_page->addItems(pages);
    }
    m_page->setCurrentIndex(pages.isEmpty() ? -1 : shown);
    m_page->setEnabled(pages.size() > 1);
    m_before->setEnabled(shown > 0);
    m_after->setEnabled(shown + 1 < pages.size());
}

void GridControls::setNote(const QString& note) {
    m_noteText = note;
    showErrors();
}

}  // namespace rlcm::ui
