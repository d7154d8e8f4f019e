#include "ui/models/facts_view.h"

#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/models/model_words.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {

constexpr int kMark = 18;
constexpr int kLeastText = 120;

QString dashed(const std::string& text) {
    return text.empty() ? QStringLiteral("–") : QString::fromStdString(text);
}
QString countOrDash(std::int64_t count) {
    return count > 0 ? formatCount(count) : QStringLiteral("–");
}
QString bytesOrDash(std::int64_t bytes) {
    return bytes > 0 ? formatBytes(bytes) : QStringLiteral("–");
}

/// Paths and names of tensors have no blanks to break at.
QString breakable(const std::string& text) {
    QString result = QString::fromStdString(text);
    for (const QChar mark : {QLatin1Char('/'), QLatin1Char('.'), QLatin1Char('_')}) {
        result.replace(mark, QString(mark) + QChar(0x200b));
    }
    return result;
}

QLabel* makeText(const QString& text, const char* name) {
    auto* label = new QLabel(text);
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setMinimumWidth(kLeastText);
    return label;
}

QLabel* makeMark(Icon which, Role role, const QString& name) {
    auto* label = new QLabel;
    label->setPixmap(icon(which, role).pixmap(QSize(kMark, kMark), label->devicePixelRatioF()));
    label->setAccessibleName(name);
    label->setAlignment(Qt::AlignTop);
    return label;
}

/// A card in the tint of a warning.
class ProblemCard : public QFrame {
protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QColor line = colour(Role::Warning);
        line.setAlphaF(0.45F);
        painter.setPen(QPen(line, 1));
        painter.setBrush(colour(Role::WarningTint));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), spacing::kRadius, spacing::kRadius);
    }
};

QGridLayout* makeGrid(QWidget* box) {
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(spacing::kLarge, spacing::kMedium, spacing::kLarge, spacing::kMedium);
    grid->setHorizontalSpacing(spacing::kLarge);
    grid->setVerticalSpacing(spacing::kSmall);
    return grid;
}

}  // namespace

FactsView::FactsView(QWidget* parent) : QScrollArea(parent) {
    setObjectName(QStringLiteral("modelFacts"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &FactsView::rebuild);
}

void FactsView::setFacts(const run::ModelFacts& facts) {
    m_facts = facts;
    rebuild();
}

void FactsView::rebuild() {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing::kMedium);
    column->addWidget(makeHeader());
    for (const run::ModelProblem& problem : m_facts.problems) {
        column->addWidget(makeProblem(problem));
    }
    if (m_facts.kind != run::ModelKind::Unknown) {
        column->addWidget(makeFacts());
    }
    if (!m_facts.uses.empty()) {
        column->addWidget(makeUses());
    }
    column->addStretch(1);
    setWidget(content);  // deletes the old one
}

QWidget* FactsView::makeHeader() {
    auto* box = new QWidget;
    auto* title = makeTitle(new QLabel(QString::fromStdString(m_facts.name)));
    title->setObjectName(QStringLiteral("factsTitle"));
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    // A line edit, because paths are longer than any column: it scrolls, and the text can be taken.
    auto* folder = new QLineEdit(QString::fromStdString(m_facts.folder.string()));
    folder->setObjectName(QStringLiteral("factsFolder"));
    folder->setAccessibleName(tr("Folder"));
    folder->setReadOnly(true);
    folder->setFrame(false);
    folder->setCursorPosition(0);
    folder->setTextMargins(-2, 0, 0, 0);  // its own inner margin; the path stands under the name
    folder->setToolTip(folder->text());
    folder->setStyleSheet(
        QStringLiteral("QLineEdit { border: none; background: transparent; padding: 0; min-height: 20px; color: %1; }").arg(colour(Role::MutedText).name()));
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(title);
    column->addWidget(folder);
    return box;
}

QWidget* FactsView::makeProblem(const run::ModelProblem& problem) {
    auto* card = new ProblemCard;
    QGridLayout* grid = makeGrid(card);
    grid->setHorizontalSpacing(spacing::kMedium);
    grid->setColumnStretch(1, 1);
    grid->addWidget(makeMark(Icon::Warning, Role::Warning, tr("Problem")), 0, 0, Qt::AlignTop);
    grid->addWidget(makeText(breakable(problem.what), "problemText"), 0, 1);
    if (!problem.fix.empty()) {
        grid->addWidget(makeHeading(new QLabel(tr("Fix"))), 1, 0, Qt::AlignTop);
        grid->addWidget(makeText(QString::fromStdString(problem.fix), "problemFix"), 1, 1);
    }
    for (auto* text : card->findChildren<QLabel*>()) {
        if (text->wordWrap()) {
            text->setTextInteractionFlags(Qt::TextSelectableByMouse);  // it may hold a command to copy
        }
    }
    return card;
}

QWidget* FactsView::makeFacts() {
    auto* card = makeCard(new QFrame);
    QGridLayout* grid = makeGrid(card);
    grid->setColumnStretch(1, 3);
    grid->setColumnStretch(3, 1);
    const auto add = [grid](int row, int column, const QString& label, const QString& value, const char* name) {
        grid->addWidget(makeMuted(new QLabel(label)), row, 2 * column);
        auto* text = new QLabel(value);
        text->setObjectName(QLatin1String(name));
        text->setWordWrap(true);  // a narrow page cuts nothing
        grid->addWidget(text, row, 2 * column + 1);
    };
    add(0, 0, tr("Kind"), kindText(m_facts.kind), "factsKind");
    add(0, 1, tr("Architecture"), m_facts.shape == "other" ? tr("its own") : dashed(m_facts.shape), "factsShape");
    add(1, 0, tr("Parameters"), countOrDash(m_facts.parameters), "factsParameters");
    add(1, 1, tr("Precision"), dashed(m_facts.dtype), "factsDtype");
    add(2, 0, tr("Resolution"), m_facts.resolution > 0 ? tr("%1 × %1 px").arg(m_facts.resolution) : QStringLiteral("–"), "factsResolution");
    add(2, 1, tr("Size on disk"), bytesOrDash(m_facts.bytes), "factsBytes");
    int row = 3;
    if (m_facts.components.size() > 1) {
        auto* parts = makeHeading(new QLabel(tr("Parts")));
        parts->setContentsMargins(0, spacing::kSmall, 0, 0);
        grid->addWidget(parts, row++, 0, 1, 4);
        for (const run::ModelComponent& part : m_facts.components) {
            grid->addWidget(makeMuted(new QLabel(QString::fromStdString(part.name))), row, 0);
            auto* size = new QLabel(tr("%1 parameters in %2 tensors").arg(countOrDash(part.parameters)).arg(part.tensors));
            size->setWordWrap(true);
            grid->addWidget(size, row, 1);
            grid->addWidget(new QLabel(dashed(part.dtype)), row, 2);
            grid->addWidget(new QLabel(bytesOrDash(part.bytes)), row, 3);
            ++row;
        }
    }
    return card;
}

QWidget* FactsView::makeUses() {
    auto* card = makeCard(new QFrame);
    QGridLayout* grid = makeGrid(card);
    grid->setHorizontalSpacing(spacing::kMedium);
    grid->setColumnStretch(2, 1);
    grid->addWidget(makeHeading(new QLabel(tr("Can be used for"))), 0, 0, 1, 3);
    int row = 1;
    for (const run::ModelUse& use : m_facts.uses) {
        grid->addWidget(
            makeMark(use.isPossible ? Icon::Check : Icon::Close, use.isPossible ? Role::Success : Role::MutedText, use.isPossible ? tr("Yes") : tr("No")), row,
            0, Qt::AlignTop);
        auto* what = use.isPossible ? makeHeading(new QLabel(QString::fromStdString(use.what))) : makeMuted(new QLabel(QString::fromStdString(use.what)));
        grid->addWidget(what, row, 1, Qt::AlignTop);
        QLabel* why = makeText(QString::fromStdString(use.why), "useText");
        grid->addWidget(use.isPossible ? why : makeMuted(why), row, 2);
        ++row;
    }
    return card;
}

}  // namespace rlcm::ui
