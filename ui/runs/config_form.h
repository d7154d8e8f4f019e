#pragma once
// The settings form, made from the field table.
#include <QString>
#include <QWidget>
#include <optional>
#include <vector>

#include "core/run/field_table.h"
#include "core/run/run_config.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace rlcm::ui {

/// One editor per setting: the basic ones first, the rest under "All settings" with a search. Every change is checked at
/// once and the reason stands under the field. Settings that belong to one reward term stand below the reward and are shown
/// while it has that term. objectName of an editor: "field:" + path; of its hint: "hint:" + path.
class ConfigForm : public QWidget {
    Q_OBJECT
public:
    explicit ConfigForm(QWidget* parent = nullptr);

    /// Fills all editors; no signal.
    void setConfig(const run::RunConfig& config);
    /// What is typed, or nothing while a field cannot be read.
    const std::optional<run::RunConfig>& config() const { return m_config; }
    /// Everything wrong with what is typed, with paths. Empty: ready to start.
    const std::vector<run::Problem>& problems() const { return m_problems; }
    bool isExpanded() const;
    void setExpanded(bool isExpanded);
    void setSearch(const QString& text);
    /// Values worth offering for a setting that takes free text; what is typed stays.
    void setOffers(std::string_view path, const QStringList& values);
    /// Puts a widget behind the editor of a setting that has no unit.
    void setBeside(std::string_view path, QWidget* widget);

Q_SIGNALS:
    void edited();

private:
    struct Row {
        const run::Field* field = nullptr;
        QWidget* box = nullptr;
        QGridLayout* grid = nullptr;
        QWidget* editor = nullptr;
        QLabel* hint = nullptr;
        QString help, summary;
        bool isFirst = false;  ///< stands above "All settings"
        bool isUsed = true;    ///< false: for a reward term that the reward does not have
    };
    Row makeRow(const run::Field& field);
    Row& rowOf(std::string_view path);
    QWidget* makeEditor(const run::Field& field);
    QString text(const Row& row) const;
    void setText(const Row& row, const QString& text);
    void check();
    void showProblems();
    void findUsed();
    void filter();

    std::vector<Row> m_rows;
    std::vector<std::pair<QString, QLabel*>> m_headings;  // first part of the path -> heading of that group
    std::optional<run::RunConfig> m_config;
    std::vector<run::Problem> m_problems;
    QToolButton* m_more = nullptr;
    QLineEdit* m_search = nullptr;
    QWidget* m_advanced = nullptr;
    bool m_isFilling = false;
};

}  // namespace rlcm::ui
