#include "ui/runs/config_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <iterator>

#include "core/base/error.h"
#include "core/run/reward_catalogue.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {

constexpr int kLabelWidth = 112;
constexpr int kShortestBox = 8;  // letters

/// A combo box that lets the wheel scroll the form instead of changing a setting by accident.
class CalmComboBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

bool isSettingOf(const run::RewardKind& kind, const run::Field& field) {
    return std::ranges::find(kind.settings, field.path) != kind.settings.end();
}

/// Whether a setting matters to some kinds of reward only.
bool isOfReward(const run::Field& field) {
    return std::ranges::any_of(run::rewardKinds(), [&](const run::RewardKind& kind) { return isSettingOf(kind, field); });
}

/// Whether a setting takes free text for which values can be offered.
bool isOffered(const run::Field& field) {
    return field.path == "model.path" || field.path == run::kRewardTerms || field.path == run::kJudges || field.path.ends_with("_model");
}

/// Values worth offering before anything is known about models.
QStringList offers(const run::Field& field) {
    if (field.path == run::kRewardTerms || field.path == run::kJudges) {
        QStringList names = field.path == run::kJudges ? QStringList{QString()} : QStringList();
        for (const run::RewardKind& kind : run::rewardKinds()) {
            names << QString::fromUtf8(kind.id.data(), static_cast<qsizetype>(kind.id.size()));
        }
        return names << (field.path == run::kJudges ? QStringLiteral("clipscore + colourfulness") : QStringLiteral("alignment + 0.1*colourfulness"));
    }
    return {};
}

QString groupOf(const run::Field& field) {
    return QString::fromStdString(field.path.substr(0, field.path.find('.')));
}

}  // namespace

QString ConfigForm::capitalised(QString text) {
    if (!text.isEmpty()) {
        text[0] = text[0].toUpper();
    }
    return text;
}

ConfigForm::ConfigForm(QWidget* parent) : QWidget(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, spacing::kMedium, 0);
    layout->setSpacing(spacing::kSmall);
    for (const run::Field& field : run::fieldTable()) {
        if (field.tier == run::FieldTier::Basic || isOfReward(field)) {
            m_rows.push_back(makeRow(field));
            m_rows.back().isFirst = true;
            layout->addWidget(m_rows.back().box);
        }
    }

    m_more = new QToolButton(this);
    m_more->setObjectName(QStringLiteral("allSettings"));
    m_more->setCheckable(true);
    m_more->setAutoRaise(true);
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_more->setArrowType(Qt::RightArrow);
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("settingsSearch"));
    m_search->setPlaceholderText(tr("Search all settings"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(Icon::Search, Role::MutedText), QLineEdit::LeadingPosition);
    auto* bar = new QHBoxLayout;
    bar->addWidget(m_more);
    bar->addWidget(m_search, 1);
    layout->addSpacing(spacing::kSmall);
    layout->addLayout(bar);

    m_advanced = new QWidget(this);
    auto* advanced = new QVBoxLayout(m_advanced);
    advanced->setContentsMargins(0, 0, 0, 0);
    advanced->setSpacing(spacing::kSmall);
    int count = 0;
    for (const run::Field& field : run::fieldTable()) {
        if (field.tier == run::FieldTier::Basic || isOfReward(field)) {
            continue;
        }
        if (m_headings.empty() || m_headings.back().first != groupOf(field)) {
            auto* heading = makeHeading(new QLabel(capitalised(groupOf(field)), m_advanced));
            m_headings.emplace_back(groupOf(field), heading);
            advanced->addWidget(heading);
        }
        m_rows.push_back(makeRow(field));
        advanced->addWidget(m_rows.back().box);
        ++count;
    }
    m_more->setText(tr("All settings (%1 more)").arg(count));
    layout->addWidget(m_advanced);
    layout->addStretch(1);

    connect(m_more, &QToolButton::toggled, this, &ConfigForm::filter);
    connect(m_search, &QLineEdit::textChanged, this, &ConfigForm::filter);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &ConfigForm::showProblems);
    setFocusProxy(m_rows.front().editor);
    setConfig({});
    filter();
}

QWidget* ConfigForm::makeEditor(const run::Field& field) {
    const run::FieldValue value = field.get({});
    if (std::holds_alternative<bool>(value)) {
        auto* box = new QCheckBox;
        connect(box, &QCheckBox::toggled, this, &ConfigForm::check);
        return box;
    }
    if (field.choices.empty() && !isOffered(field)) {
        auto* edit = new QLineEdit;
        connect(edit, &QLineEdit::textChanged, this, &ConfigForm::check);
        return edit;
    }
    auto* combo = new CalmComboBox;
    combo->setFocusPolicy(Qt::StrongFocus);
    combo->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);  // long offers must not widen the form
    combo->setMinimumContentsLength(kShortestBox);
    if (isOffered(field)) {
        combo->setEditable(true);
        combo->setInsertPolicy(QComboBox::NoInsert);
        combo->setCompleter(nullptr);  // it would change what is typed
    }
    combo->addItems(offers(field));
    for (const std::string& choice : field.choices) {
        combo->addItem(QString::fromStdString(choice));
    }
    connect(combo, &QComboBox::currentTextChanged, this, &ConfigForm::check);
    return combo;
}

ConfigForm::Row ConfigForm::makeRow(const run::Field& field) {
    Row row;
    row.field = &field;
    row.help = QString::fromStdString(field.help);
    row.summary = QString::fromStdString(field.summary);
    row.box = new QWidget(this);
    row.editor = makeEditor(field);
    const QString path = QString::fromStdString(field.path);
    row.editor->setObjectName(QStringLiteral("field:") + path);
    row.editor->setAccessibleDescription(row.help);
    row.editor->setToolTip(QStringLiteral("<p>%1</p><p><code>%2</code></p>").arg(row.help.toHtmlEscaped(), path));
    auto* label = new QLabel(QString::fromStdString(field.label));
    label->setBuddy(row.editor);
    label->setFixedWidth(kLabelWidth);
    label->setMinimumHeight(spacing::kControlHeight);
    label->setWordWrap(true);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row.hint = new QLabel;
    row.hint->setObjectName(QStringLiteral("hint:") + path);
    row.hint->setWordWrap(true);
    row.hint->setAlignment(Qt::AlignLeft | Qt::AlignTop);

    auto* grid = new QGridLayout(row.box);
    row.grid = grid;
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(spacing::kMedium);
    grid->setVerticalSpacing(2);
    grid->addWidget(label, 0, 0, Qt::AlignTop);
    if (field.unit.empty()) {
        grid->addWidget(row.editor, 0, 1, 1, 2);
    } else {
        grid->addWidget(row.editor, 0, 1);
        grid->addWidget(makeMuted(new QLabel(QString::fromStdString(field.unit))), 0, 2);
    }
    grid->addWidget(row.hint, 1, 1, 1, 2);
    grid->setColumnStretch(1, 1);
    return row;
}

QString ConfigForm::text(const Row& row) const {
    if (const auto* box = qobject_cast<QCheckBox*>(row.editor)) {
        return box->isChecked() ? QStringLiteral("true") : QStringLiteral("false");
    }
    if (const auto* combo = qobject_cast<QComboBox*>(row.editor)) {
        return combo->currentText();
    }
    return qobject_cast<QLineEdit*>(row.editor)->text();
}

void ConfigForm::setText(const Row& row, const QString& text) {
    if (auto* box = qobject_cast<QCheckBox*>(row.editor)) {
        box->setChecked(text == QLatin1String("true"));
    } else if (auto* combo = qobject_cast<QComboBox*>(row.editor)) {
        combo->setCurrentText(text);
    } else {
        auto* edit = qobject_cast<QLineEdit*>(row.editor);
        edit->setText(text);
        edit->setCursorPosition(0);
    }
}

void ConfigForm::fill(const run::RunConfig& config) {
    m_isFilling = true;
    for (const Row& row : m_rows) {
        setText(row, QString::fromStdString(run::fieldText(config, *row.field)));
    }
    m_isFilling = false;
}

void ConfigForm::setConfig(const run::RunConfig& config) {
    fill(config);
    m_filled = texts();
    check();
}

void ConfigForm::changeTo(const run::RunConfig& config) {
    fill(config);
    check();
}

QStringList ConfigForm::texts() const {
    QStringList all;
    for (const Row& row : m_rows) {
        all << text(row);
    }
    return all;
}

void ConfigForm::setTexts(const QStringList& texts) {
    m_isFilling = true;
    for (qsizetype i = 0; i < texts.size(); ++i) {
        setText(m_rows[static_cast<std::size_t>(i)], texts[i]);
    }
    m_isFilling = false;
    check();
}

int ConfigForm::changes() const {
    int count = 0;
    for (qsizetype i = 0; i < m_filled.size(); ++i) {
        count += text(m_rows[static_cast<std::size_t>(i)]) != m_filled[i] ? 1 : 0;
    }
    return count;
}

void ConfigForm::setChecker(Checker checker) {
    m_checker = std::move(checker);
    check();
}

ConfigForm::Row& ConfigForm::rowOf(std::string_view path) {
    return *std::find_if(m_rows.begin(), m_rows.end(), [path](const Row& row) { return row.field->path == path; });
}

void ConfigForm::setSummary(std::string_view path, const QString& text) {
    Row& row = rowOf(path);
    row.summary = text.isEmpty() ? QString::fromStdString(row.field->summary) : capitalised(text);
    showProblems();
}

void ConfigForm::setOffers(std::string_view path, const QStringList& values) {
    auto* combo = qobject_cast<QComboBox*>(rowOf(path).editor);
    QStringList present;
    for (int i = 0; i < combo->count(); ++i) {
        present << combo->itemText(i);
    }
    if (values == present) {
        return;  // the list may be open right now
    }
    const QSignalBlocker quiet(combo);
    const QString typed = combo->currentText();
    const int cursor = combo->lineEdit()->cursorPosition();
    combo->clear();
    combo->addItems(values);
    combo->setCurrentText(typed);
    combo->lineEdit()->setCursorPosition(cursor);
}

void ConfigForm::setField(std::string_view path, const QString& text) {
    setText(rowOf(path), text);
}

void ConfigForm::setBeside(std::string_view path, QWidget* widget) {
    const Row& row = rowOf(path);
    row.grid->removeWidget(row.editor);
    row.grid->addWidget(row.editor, 0, 1);
    row.grid->addWidget(widget, 0, 2);
}

void ConfigForm::findUsed() {
    std::vector<run::RewardTerm> terms;
    try {
        terms = run::parseRewardTerms(text(rowOf(run::kRewardTerms)).toStdString());
        std::ranges::move(run::parseJudges(text(rowOf(run::kJudges)).toStdString()), std::back_inserter(terms));
    } catch (const Error&) {
        return;  // half typed: what is shown stays
    }
    bool isChanged = false;
    for (Row& row : m_rows) {
        if (isOfReward(*row.field)) {
            const bool isUsed = std::ranges::any_of(terms, [&](const run::RewardTerm& term) { return isSettingOf(run::rewardKind(term.kind), *row.field); });
            isChanged = isChanged || isUsed != row.isUsed;
            row.isUsed = isUsed;
        }
    }
    if (isChanged) {
        filter();
    }
}

bool ConfigForm::isExpanded() const {
    return m_more->isChecked();
}
void ConfigForm::setExpanded(bool isExpanded) {
    m_more->setChecked(isExpanded);
}
void ConfigForm::setSearch(const QString& text) {
    m_search->setText(text);
}

void ConfigForm::filter() {
    const QString words = m_search->text().trimmed();
    m_more->setArrowType(m_more->isChecked() ? Qt::DownArrow : Qt::RightArrow);
    m_advanced->setVisible(m_more->isChecked() || !words.isEmpty());
    for (const Row& row : m_rows) {
        const bool isMatch = words.isEmpty() || QString::fromStdString(row.field->label).contains(words, Qt::CaseInsensitive) ||
                             QString::fromStdString(row.field->path).contains(words, Qt::CaseInsensitive) || row.help.contains(words, Qt::CaseInsensitive);
        // One that the reward does not use can be found, but not changed.
        row.box->setVisible(isMatch && (row.isUsed || !words.isEmpty()));
        row.box->setEnabled(row.isUsed);
    }
    for (const auto& [group, heading] : m_headings) {
        heading->setVisible(std::any_of(m_rows.begin(), m_rows.end(),
                                        [&, name = group](const Row& row) { return !row.isFirst && groupOf(*row.field) == name && !row.box->isHidden(); }));
    }
}

}  // namespace rlcm::ui
