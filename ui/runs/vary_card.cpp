#include "ui/runs/vary_card.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QTableWidget>
#include <algorithm>
#include <functional>
#include <iterator>

#include "core/base/error.h"
#include "core/run/field_table.h"
#include "core/run/variations.h"
#include "ui/runs/number_list.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {

constexpr int kOthers = 2;  // settings beside seed, horizon and method
constexpr std::size_t kMostAtOnce = 400;
constexpr int kMostRows = 4, kRowHeight = 28, kCellWidth = 200, kLabelWidth = 220;

QString methodTitle(run::Method method) {
    return method == run::Method::Rlcm ? QStringLiteral("RLCM") : QStringLiteral("DDPO");
}

run::Method otherMethod(run::Method method) {
    return method == run::Method::Rlcm ? run::Method::Ddpo : run::Method::Rlcm;
}

/// The form's own number and those in the text, ascending. throws: as parseNumberList.
std::vector<std::string> numbers(const QString& text, std::int64_t minimum, std::int64_t own) {
    std::vector<std::int64_t> all = parseNumberList(text, minimum);
    if (std::ranges::find(all, own) == all.end()) {
        all.push_back(own);
    }
    std::ranges::sort(all);
    std::vector<std::string> words;
    std::ranges::transform(all, std::back_inserter(words), [](std::int64_t number) { return std::to_string(number); });
    return words;
}

/// The form's own value and those in the text, each once, as the setting writes them. throws: Config for what the setting cannot be.
std::vector<std::string> valuesOf(const QString& text, const run::RunConfig& base, const run::Field& field) {
    std::vector<std::string> values{run::fieldText(base, field)};
    for (const std::string& part : run::splitValues(text.toStdString(), field.label)) {
        run::RunConfig probe = base;
        run::setField(probe, field.path, QString::fromStdString(part).trimmed().toStdString());
        if (const std::string value = run::fieldText(probe, field); std::ranges::find(values, value) == values.end()) {
            values.push_back(value);
        }
    }
    return values;
}

QString shortTime(double seconds) {
    const double value = seconds < 100 ? seconds : seconds < 6000 ? seconds / 60 : seconds / 3600;
    const QString unit = seconds < 100 ? QStringLiteral("s") : seconds < 6000 ? QStringLiteral("min") : QStringLiteral("h");
    return QStringLiteral("%1 %2").arg(value, 0, 'f', value < 10 && seconds >= 100 ? 1 : 0).arg(unit);
}

}  // namespace

VaryCard::VaryCard(QWidget* parent) : QFrame(parent) {
    makeCard(this);
    setObjectName(QStringLiteral("varyCard"));
    auto* form = new QFormLayout(this);
    form->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    form->setVerticalSpacing(spacing::kSmall);
    form->addRow(makeHeading(new QLabel(tr("Also run"))));
    m_seeds = addEdit(form, tr("&Seeds"), QStringLiteral("alsoSeeds"), tr("e.g. 1, 2"),
                      tr("One run for each seed, besides that of the form: a list as 1, 2 or a range as 1-4"));
    m_horizons = addEdit(form, tr("&Horizons"), QStringLiteral("alsoHorizons"), tr("e.g. 2, 8"),
                         tr("One run for each horizon, besides that of the form, times the seeds"));
    m_otherSteps = addEdit(form, {}, QStringLiteral("otherMethodSteps"), tr("e.g. 20"),
                           tr("The other method with each number of steps. Its model, guidance and optimiser come from its preset, all else from this form"));
    m_otherLabel = qobject_cast<QLabel*>(form->labelForField(m_otherSteps));
    for (int i = 0; i < kOthers; ++i) {
        addOther(form);
    }
    makeMatrix();
    showOthers();
    m_hint = new QLabel;
    m_hint->setObjectName(QStringLiteral("alsoHint"));
    m_hint->setWordWrap(true);
    m_hint->setTextFormat(Qt::PlainText);
    form->addRow(m_hint);
}

QLineEdit* VaryCard::addEdit(QFormLayout* form, const QString& label, const QString& name, const QString& example, const QString& tip) {
    auto* edit = new QLineEdit;
    edit->setObjectName(name);
    edit->setPlaceholderText(example);
    edit->setToolTip(tip);
    auto* title = new QLabel(label);
    title->setBuddy(edit);
    form->addRow(title, edit);
    connect(edit, &QLineEdit::textChanged, this, &VaryCard::edited);
    return edit;
}

void VaryCard::addOther(QFormLayout* form) {
    const QString number = QString::number(m_others.size());
    Other other{new QComboBox, new QLineEdit};
    other.setting->setObjectName(QStringLiteral("variedSetting") + number);
    other.setting->setAccessibleName(tr("A setting to vary"));
    other.setting->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    other.setting->setMinimumContentsLength(8);
    other.setting->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    other.setting->addItem(tr("Setting…"), QString());
    for (const run::Field& field : run::fieldTable()) {
        if (field.path != "seed" && field.path != "name" && field.path != "sampling.steps" && field.path != "algorithm.method") {
            other.setting->addItem(QString::fromStdString(field.label), QString::fromStdString(field.path));
            other.setting->setItemData(other.setting->count() - 1, QString::fromStdString(field.summary), Qt::ToolTipRole);
        }
    }
    other.values->setObjectName(QStringLiteral("variedValues") + number);
    other.values->setAccessibleName(tr("Values of that setting"));
    other.values->setPlaceholderText(tr("1e-3, 3e-3"));
    other.values->setToolTip(tr("One run for each value, besides that of the form; between commas, or between semicolons where a value has commas"));
    other.values->setEnabled(false);
    form->addRow(other.setting, other.values);
    connect(other.setting, &QComboBox::currentIndexChanged, this, [this, other] {
        other.values->setEnabled(other.setting->currentIndex() > 0);
        showOthers();
        Q_EMIT edited();
    });
    connect(other.values, &QLineEdit::textChanged, this, &VaryCard::edited);
    m_others.push_back(other);
}

/// The next one comes when the one before is used.
void VaryCard::showOthers() {
    for (std::size_t i = 1; i < m_others.size(); ++i) {
        const bool isWanted = m_others[i].setting->currentIndex() > 0 || m_others[i - 1].setting->currentIndex() > 0;
        m_others[i].setting->setVisible(isWanted);
        m_others[i].values->setVisible(isWanted);
    }
}

void VaryCard::makeMatrix() {
    m_matrix = new QTableWidget;
    m_matrix->setObjectName(QStringLiteral("runMatrix"));
    m_matrix->setAccessibleName(tr("Runs to be made"));
    m_matrix->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_matrix->setSelectionMode(QAbstractItemView::SingleSelection);
    m_matrix->setTabKeyNavigation(false);
    m_matrix->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_matrix->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_matrix->horizontalHeader()->setDefaultSectionSize(kCellWidth);
    m_matrix->horizontalHeader()->setHighlightSections(false);
    m_matrix->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_matrix->verticalHeader()->setHighlightSections(false);
    m_matrix->verticalHeader()->setMaximumWidth(kLabelWidth);
    m_matrix->verticalHeader()->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 2px 8px; }"));
    m_matrix->hide();
    connect(m_matrix, &QTableWidget::itemChanged, this, [this](const QTableWidgetItem* item) {
        if (m_isFilling) {
            return;
        }
        const std::pair cell(m_kinds[static_cast<std::size_t>(item->row())].label, m_matrix->horizontalHeaderItem(item->column())->text());
        item->checkState() == Qt::Checked ? static_cast<void>(m_leftOut.erase(cell)) : static_cast<void>(m_leftOut.insert(cell));
        Q_EMIT edited();
    });
}

void VaryCard::setForm(const run::RunConfig& config) {
    m_config = config;
    const QString other = methodTitle(otherMethod(config.algorithm.method));
    m_otherLabel->setText(tr("%1 s&teps").arg(other));
    read();
}

/// Every part is read whatever is wrong with the others, so that all of it is told at once.
void VaryCard::read() {
    m_problems.clear();
    m_kinds.clear();
    std::vector<std::string> seeds, horizons, others;
    const auto take = [this](const std::function<void()>& part) {
        try {
            part();
        } catch (const Error& error) {
            m_problems << QString::fromStdString(error.message());
        }
    };
    take([&] { seeds = numbers(m_seeds->text(), 0, m_config.seed); });
    take([&] { horizons = numbers(m_horizons->text(), 2, m_config.sampling.steps); });
    take([&] {
        for (const std::int64_t steps : parseNumberList(m_otherSteps->text(), 2)) {
            others.push_back(std::to_string(steps));
        }
    });
    take([&] { addKinds(m_config, horizons, seeds); });
    take([&] {
        if (!others.empty()) {
            addKinds(run::asMethod(m_config, otherMethod(m_config.algorithm.method)), others, seeds);
        }
    });
    checkKinds();
    fillMatrix(seeds);
    showHint();
}

/// The other settings are those of the form for both methods.
void VaryCard::addKinds(const run::RunConfig& base, const std::vector<std::string>& horizons, const std::vector<std::string>& seeds) {
    std::vector<run::Variation> all{{"sampling.steps", horizons}};
    for (const Other& other : m_others) {
        const std::string path = other.setting->currentData().toString().toStdString();
        if (path.empty() || other.values->text().trimmed().isEmpty()) {
            continue;
        }
        all.push_back({path, valuesOf(other.values->text(), base, run::fieldAt(path))});
    }
    all.push_back({"seed", seeds});
    const std::vector<run::RunConfig> runs = run::vary(base, all);
    if (runs.size() > kMostAtOnce) {
        throw Error(ErrorKind::Config, "These are " + std::to_string(runs.size()) + " runs; here at most " + std::to_string(kMostAtOnce) + " are made at once");
    }
    for (std::size_t first = 0; first < runs.size(); first += seeds.size()) {
        const run::RunConfig& one = runs[first];
        QString label = QStringLiteral("%1 %2%3")
                            .arg(methodTitle(one.algorithm.method), one.algorithm.method == run::Method::Rlcm ? QStringLiteral("H") : QString())
                            .arg(one.sampling.steps);
        for (std::size_t i = 1; i + 1 < all.size(); ++i) {
            label += QStringLiteral(", ") + QString::fromStdString(run::fieldText(one, run::fieldAt(all[i].path)));
        }
        m_kinds.push_back({label, {runs.begin() + static_cast<std::ptrdiff_t>(first), runs.begin() + static_cast<std::ptrdiff_t>(first + seeds.size())}});
    }
}

/// What is wrong with the form's own settings stands under their fields.
void VaryCard::checkKinds() {
    const std::vector<run::Problem> own = run::validate(m_config);
    for (const Kind& kind : m_kinds) {
        for (const run::Problem& problem : run::validate(kind.runs.front())) {
            if (std::ranges::find(own, problem) == own.end()) {
                m_problems << kind.label + QStringLiteral(": ") +
                                  QString::fromStdString((problem.path.empty() ? "" : run::fieldLabel(problem.path) + " ") + problem.message);
            }
        }
    }
}

void VaryCard::fillMatrix(const std::vector<std::string>& seeds) {
    m_isFilling = true;
    const int rows = static_cast<int>(m_kinds.size()), columns = static_cast<int>(seeds.size());
    m_matrix->setRowCount(rows);
    m_matrix->setColumnCount(columns);
    for (int column = 0; column < columns; ++column) {
        m_matrix->setHorizontalHeaderItem(column, new QTableWidgetItem(tr("seed %1").arg(QString::fromStdString(seeds[static_cast<std::size_t>(column)]))));
    }
    for (int row = 0; row < rows; ++row) {
        const QString& label = m_kinds[static_cast<std::size_t>(row)].label;
        auto* header = new QTableWidgetItem(label);
        header->setToolTip(label);
        m_matrix->setVerticalHeaderItem(row, header);
        for (int column = 0; column < columns; ++column) {
            if (m_matrix->item(row, column) == nullptr) {  // one that tells of its tick must stay
                m_matrix->setItem(row, column, new QTableWidgetItem);
                m_matrix->item(row, column)->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
            }
            const bool isLeftOut = m_leftOut.contains({label, m_matrix->horizontalHeaderItem(column)->text()});
            m_matrix->item(row, column)->setCheckState(isLeftOut ? Qt::Unchecked : Qt::Checked);
        }
    }
    const int shown = std::min(rows, kMostRows);
    m_matrix->setFixedHeight(m_matrix->horizontalHeader()->sizeHint().height() + shown * kRowHeight + m_matrix->horizontalScrollBar()->sizeHint().height() + 2);
    m_matrix->setVisible(rows * columns > 1);
    m_isFilling = false;
}

void VaryCard::showHint() {
    const std::size_t runs = configs().size();
    QPalette palette;
    palette.setColor(QPalette::WindowText, colour(m_problems.isEmpty() ? Role::MutedText : Role::Danger));
    m_hint->setPalette(palette);
    m_hint->setText(!m_problems.isEmpty() ? m_problems.join(QLatin1Char('\n'))
                    : runs == 0           ? tr("No run is ticked.")
                    : runs > 1            ? tr("%1 runs, one after the other.").arg(runs)
                                          : tr("Several seeds, horizons or values make one run each, besides that of the form."));
}

std::vector<run::RunConfig> VaryCard::kinds() const {
    std::vector<run::RunConfig> all;
    std::ranges::transform(m_kinds, std::back_inserter(all), [](const Kind& kind) { return kind.runs.front(); });
    return all;
}

void VaryCard::showCosts(const std::vector<run::Estimate>& costs) {
    m_isFilling = true;
    for (int row = 0; row < m_matrix->rowCount(); ++row) {
        const run::Estimate* cost = static_cast<std::size_t>(row) < costs.size() ? &costs[static_cast<std::size_t>(row)] : nullptr;
        const bool hasTime = cost != nullptr && cost->memory.isKnown;
        for (int column = 0; column < m_matrix->columnCount(); ++column) {
            QTableWidgetItem* cell = m_matrix->item(row, column);
            cell->setText(cost == nullptr ? QString()
                                          : QStringLiteral("%1  ·  %2")
                                                .arg(hasTime ? shortTime(cost->seconds) : QStringLiteral("–"),
                                                     tr("%1 images").arg(formatCount(cost->derived.imagesTotal))));
            cell->setToolTip(cost == nullptr
                                 ? QString()
                                 : tr("%1 training images, %2 reward queries, %3 evaluation images, %4 denoiser evaluations, %5")
                                       .arg(formatCount(cost->derived.imagesTotal), formatCount(cost->derived.rewardQueriesTotal),
                                            formatCount(cost->derived.evaluationQueriesTotal), formatCount(cost->derived.nominalDenoiserEvaluationsTotal),
                                            hasTime ? tr("about %1").arg(formatDuration(cost->seconds)) : tr("time not known")));
        }
    }
    m_isFilling = false;
}

bool VaryCard::isTicked(std::size_t kind, std::size_t seed) const {
    const QTableWidgetItem* cell = m_matrix->item(static_cast<int>(kind), static_cast<int>(seed));
    return cell == nullptr || cell->checkState() == Qt::Checked || m_matrix->rowCount() * m_matrix->columnCount() < 2;
}

std::vector<std::pair<std::size_t, std::size_t>> VaryCard::ticked() const {
    std::vector<std::pair<std::size_t, std::size_t>> cells;
    const std::size_t seeds = m_kinds.empty() ? 0 : m_kinds.front().runs.size();
    for (std::size_t seed = 0; seed < seeds; ++seed) {
        for (std::size_t kind = 0; kind < m_kinds.size(); ++kind) {
            if (isTicked(kind, seed)) {
                cells.emplace_back(kind, seed);
            }
        }
    }
    return cells;
}

std::vector<run::RunConfig> VaryCard::configs() const {
    std::vector<run::RunConfig> all;
    std::ranges::transform(ticked(), std::back_inserter(all), [this](const auto& cell) { return m_kinds[cell.first].runs[cell.second]; });
    return all;
}

std::vector<std::size_t> VaryCard::kindsOfConfigs() const {
    std::vector<std::size_t> all;
    std::ranges::transform(ticked(), std::back_inserter(all), [](const auto& cell) { return cell.first; });
    return all;
}

}  // namespace rlcm::ui
