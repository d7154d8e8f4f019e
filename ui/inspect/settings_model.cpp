#include "ui/inspect/settings_model.h"

#include <QFont>
#include <algorithm>
#include <map>
#include <optional>

#include "core/base/error.h"
#include "core/run/config_diff.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

/// Stored settings; nothing when they are of a version that cannot be read.
std::optional<run::RunConfig> configOf(const store::RunRow& run) {
    try {
        return run::configFromJson(parseJson(run.configJson, "the stored settings"), "the stored settings");
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// "Learning rate" of "learning_rate".
QString words(QString key) {
    key.replace(QLatin1Char('_'), QLatin1Char(' '));
    return key.left(1).toUpper() + key.mid(1);
}

/// "Training" of "training.learning_rate"; what has no section is about the run.
QString sectionOf(const std::string& path) {
    const std::size_t dot = path.find('.');
    return words(dot == std::string::npos ? QObject::tr("run") : text(path.substr(0, dot)));
}

bool areAlike(const QStringList& values) {
    return std::all_of(values.begin(), values.end(), [&](const QString& value) { return value == values.front(); });
}

}  // namespace

void SettingsModel::setRuns(const std::vector<store::RunRow>& runs) {
    beginResetModel();
    m_rows.clear();
    m_names.clear();
    m_presetText.clear();
    m_command.clear();
    for (const store::RunRow& run : runs) {
        m_names << text(run.name);
    }
    if (!runs.empty()) {
        addSettings(runs);
        addEnvironments(runs);
    }
    choose();
    endResetModel();
}

void SettingsModel::addSettings(const std::vector<store::RunRow>& runs) {
    std::vector<run::RunConfig> configs;
    std::vector<bool> isRead;
    for (const store::RunRow& run : runs) {
        const std::optional<run::RunConfig> config = configOf(run);
        isRead.push_back(config.has_value());
        configs.push_back(config.value_or(run::RunConfig()));
    }
    run::NearestPreset nearest;
    if (isRead.front()) {
        nearest = run::nearestPreset(configs.front());
        m_command = text(run::trainCommand(configs.front(), m_workspace.toStdString()));
        const auto count = static_cast<int>(nearest.changed.size());
        m_presetText = count == 0   ? tr("As the preset “%1”").arg(text(nearest.preset->title))
                       : count == 1 ? tr("Closest preset: “%1”; one setting differs").arg(text(nearest.preset->title))
                                    : tr("Closest preset: “%1”; %2 settings differ").arg(text(nearest.preset->title)).arg(count);
    } else {
        m_presetText = tr("The settings of this run are of another version and cannot be read");
    }
    QString section;
    for (const run::SettingRow& setting : run::compareSettings(configs)) {
        const run::Field& field = *setting.field;
        if (const QString own = sectionOf(field.path); own != section) {
            section = own;
            m_rows.push_back({.title = section, .path = {}, .tip = {}, .values = {}, .isSection = true});
        }
        Row row{.title = text(field.unit.empty() ? field.label : field.label + " (" + field.unit + ")"),
                .path = text(field.path),
                .tip = text(field.help),
                .values = {}};
        for (std::size_t i = 0; i < configs.size(); ++i) {
            row.values << (isRead[i] ? text(setting.texts[i]) : QString());
        }
        row.differs = !areAlike(row.values);
        row.isNoise = setting.isNoise;
        row.isChanged = std::ranges::find(nearest.changed, &field) != nearest.changed.end();
        if (row.isChanged) {
            row.tip = tr("In the preset: %1").arg(text(run::fieldText(nearest.preset->config, field))) + QStringLiteral("\n\n") + row.tip;
        }
        m_rows.push_back(std::move(row));
    }
}

void SettingsModel::addEnvironments(const std::vector<store::RunRow>& runs) {
    std::map<std::string, QStringList> values;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Json environment = Json::parse(runs[i].environmentJson, nullptr, false);
        if (!environment.is_object()) {
            continue;
        }
        for (const auto& [key, value] : environment.items()) {
            QStringList& cells = values[key];
            while (cells.size() < static_cast<qsizetype>(i)) {
                cells << QString();
            }
            cells << text(value.is_string() ? value.get<std::string>() : value.dump());
        }
    }
    if (!values.empty()) {
        m_rows.push_back({.title = tr("Environment"), .path = {}, .tip = {}, .values = {}, .isSection = true});
    }
    for (auto& [key, cells] : values) {
        while (cells.size() < static_cast<qsizetype>(runs.size())) {
            cells << QString();
        }
        const bool differs = !areAlike(cells);
        m_rows.push_back({.title = words(text(key)), .path = text(key), .tip = {}, .values = std::move(cells), .differs = differs, .isNoise = true});
    }
}

void SettingsModel::setFilter(const InspectView& view, const QString& search) {
    beginResetModel();
    m_view = view;
    m_search = search.trimmed();
    choose();
    endResetModel();
}

bool SettingsModel::isWanted(const Row& row) const {
    const bool isOnlyOne = m_names.size() < 2;
    if ((m_view.onlyDifferences && !(isOnlyOne ? row.isChanged : row.differs)) || (m_view.hidesNoise && row.isNoise)) {
        return false;
    }
    const QStringList words = m_search.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&](const QString& word) {
        return row.title.contains(word, Qt::CaseInsensitive) || row.path.contains(word, Qt::CaseInsensitive) ||
               std::any_of(row.values.begin(), row.values.end(), [&](const QString& value) { return value.contains(word, Qt::CaseInsensitive); });
    });
}

void SettingsModel::choose() {
    m_shown.clear();
    const Row* section = nullptr;
    for (const Row& row : m_rows) {
        if (row.isSection) {
            section = &row;
        } else if (isWanted(row)) {
            if (section != nullptr) {
                m_shown.push_back(std::exchange(section, nullptr));
            }
            m_shown.push_back(&row);
        }
    }
}

QString SettingsModel::tableText() const {
    QStringList lines{(QStringList{tr("Setting")} + m_names).join(QLatin1Char('\t'))};
    for (const Row* row : m_shown) {
        if (!row->isSection) {
            lines << (QStringList{row->path} + row->values).join(QLatin1Char('\t'));
        }
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

int SettingsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int SettingsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : 1 + static_cast<int>(m_names.size());
}

QVariant SettingsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const Row& row = *m_shown.at(static_cast<std::size_t>(index.row()));
    switch (role) {
        case Qt::DisplayRole:
            return index.column() > 0 ? row.values.value(index.column() - 1) : row.isChanged ? QStringLiteral("● ") + row.title : row.title;
        case Qt::ToolTipRole:
            return row.path.isEmpty() ? QVariant() : row.path + (row.tip.isEmpty() ? QString() : QStringLiteral("\n") + row.tip);
        case Qt::FontRole:
            if (row.isSection || (index.column() > 0 && row.differs)) {
                QFont font;
                font.setBold(true);
                return font;
            }
            return {};
        case Qt::ForegroundRole:
            return row.isSection ? colour(rlcm::ui::Role::MutedText) : index.column() > 0 && row.differs ? colour(rlcm::ui::Role::Accent) : QVariant();
        case Qt::AccessibleTextRole:
            return row.differs && index.column() > 0 ? row.values.value(index.column() - 1) + tr(", differs") : QVariant();
        default:
            return {};
    }
}

QVariant SettingsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) {
        return {};
    }
    return section == 0 ? tr("Setting") : m_names.value(section - 1);
}

}  // namespace rlcm::ui
