#pragma once
// The settings form, made from the field table.
#include <QString>
#include <QStringList>
#include <QWidget>
#include <functional>
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
    /// Finds what a config names that is not there. thread: GUI, at every change of a setting.
    using Checker = std::function<std::vector<run::Problem>(const run::RunConfig&)>;

    explicit ConfigForm(QWidget* parent = nullptr);

    /// Fills all editors; no signal. What is typed from now on counts as a change.
    void setConfig(const run::RunConfig& config);
    /// The same, as if typed: what differs from the last setConfig() counts as a change.
    void changeTo(const run::RunConfig& config);
    /// Fields that are not as setConfig() filled them.
    int changes() const;
    /// What stands in all editors, and putting it back.
    QStringList texts() const;
    void setTexts(const QStringList& texts);
    void setChecker(Checker checker);
    /// Looks at everything again: a file may have come or gone.
    void check();
    /// What is typed, or nothing while a field cannot be read.
    const std::optional<run::RunConfig>& config() const { return m_config; }
    /// The same with the default in fields that cannot be read.
    const run::RunConfig& readable() const { return m_readable; }
    /// Everything wrong with what is typed, with paths. Empty: ready to start.
    const std::vector<run::Problem>& problems() const { return m_problems; }
    bool isExpanded() const;
    void setExpanded(bool isExpanded);
    void setSearch(const QString& text);
    /// Values worth offering for a setting that takes free text; what is typed stays.
    void setOffers(std::string_view path, const QStringList& values);
    /// What stands under a field that has no problem; empty: what the field table says of it.
    void setSummary(std::string_view path, const QString& text);
    /// Writes into one field, as if typed.
    void setField(std::string_view path, const QString& text);
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
    static QString capitalised(QString text);
    Row makeRow(const run::Field& field);
    Row& rowOf(std::string_view path);
    QWidget* makeEditor(const run::Field& field);
    QString text(const Row& row) const;
    void setText(const Row& row, const QString& text);
    void fill(const run::RunConfig& config);
    void showProblems();
    void findUsed();
    void filter();

    std::vector<Row> m_rows;
    std::vector<std::pair<QString, QLabel*>> m_headings;  // first part of the path -> heading of that group
    std::optional<run::RunConfig> m_config;
    run::RunConfig m_readable;
    Checker m_checker;
    QStringList m_filled;  // texts of the last setConfig()
    std::vector<run::Problem> m_problems;
    QToolButton* m_more = nullptr;
    QLineEdit* m_search = nullptr;
    QWidget* m_advanced = nullptr;
    bool m_isFilling = false;
};

}  // namespace rlcm::ui
