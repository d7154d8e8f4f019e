#pragma once
#include <QAbstractTableModel>
#include <QStringList>
#include <utility>
#include <vector>

#include "core/store/workspace.h"
#include "ui/view/view_state.h"

namespace rlcm::ui {

/// Settings and environment of runs, a column each after the names. Sections begin with a row of their own. A cell is marked where the runs
/// differ, a name where the first run differs from its nearest preset. thread: GUI.
class SettingsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    /// `workspace`: the folder that the command names.
    explicit SettingsModel(QString workspace, QObject* parent = nullptr) : QAbstractTableModel(parent), m_workspace(std::move(workspace)) {}

    /// The first run is the one that is inspected. Configs and environments that cannot be read leave their column empty.
    void setRuns(const std::vector<store::RunRow>& runs);
    /// Which rows are left: those whose name, path or value has the words of `search`, that differ, that are no noise.
    void setFilter(const InspectView& view, const QString& search);

    /// "Closest preset: …; 3 settings differ." of the first run.
    QString presetText() const { return m_presetText; }
    /// The command that makes the first run again; empty when its settings cannot be read.
    QString command() const { return m_command; }
    /// What is shown, tab separated, for a clipboard.
    QString tableText() const;
    bool isSection(int row) const { return m_shown.at(static_cast<std::size_t>(row))->isSection; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString title, path, tip;
        QStringList values;
        bool isSection = false, differs = false, isNoise = false, isChanged = false;
    };
    void addSettings(const std::vector<store::RunRow>& runs);
    void addEnvironments(const std::vector<store::RunRow>& runs);
    bool isWanted(const Row& row) const;
    void choose();

    QString m_workspace;
    QStringList m_names;
    std::vector<Row> m_rows;
    std::vector<const Row*> m_shown;
    InspectView m_view;
    QString m_search, m_presetText, m_command;
};

}  // namespace rlcm::ui
