#pragma once
// The runs that one form makes: every seed with every horizon, the other method, and any other setting.
#include <QFrame>
#include <QStringList>
#include <set>
#include <utility>
#include <vector>

#include "core/run/derive.h"
#include "core/run/run_config.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QTableWidget;

namespace rlcm::ui {

/// What is varied, and the runs that come of it as a matrix: a row for each kind of run, a column for each seed, a tick and the cost in each cell. The form's own values are
/// always among those that are varied. thread: GUI. objectNames: alsoSeeds, alsoHorizons, otherMethodSteps, variedSetting0, variedValues0 ..., runMatrix, alsoHint.
class VaryCard : public QFrame {
    Q_OBJECT
public:
    explicit VaryCard(QWidget* parent = nullptr);
    /// The matrix, for a place that is wide enough; it shows itself when there are several runs.
    QTableWidget* matrix() { return m_matrix; }
    /// Makes the runs of these settings.
    void setForm(const run::RunConfig& config);
    /// One of each row, to be estimated: a seed changes no cost.
    std::vector<run::RunConfig> kinds() const;
    /// What each kind costs, in the order of kinds(); empty: not known.
    void showCosts(const std::vector<run::Estimate>& costs);
    /// The ticked ones: all kinds with the first seed, then with the next, so that an early end leaves whole comparisons.
    std::vector<run::RunConfig> configs() const;
    /// Of each of them, its place in kinds().
    std::vector<std::size_t> kindsOfConfigs() const;
    /// All that is wrong with what is varied.
    const QStringList& problems() const { return m_problems; }

Q_SIGNALS:
    void edited();

private:
    /// Some setting and the values that it takes.
    struct Other {
        QComboBox* setting = nullptr;
        QLineEdit* values = nullptr;
    };
    struct Kind {
        QString label;
        std::vector<run::RunConfig> runs;  ///< for each seed
    };
    QLineEdit* addEdit(QFormLayout* form, const QString& label, const QString& name, const QString& example, const QString& tip);
    void addOther(QFormLayout* form);
    void makeMatrix();
    void read();
    void addKinds(const run::RunConfig& base, const std::vector<std::string>& horizons, const std::vector<std::string>& seeds);
    void checkKinds();
    void fillMatrix(const std::vector<std::string>& seeds);
    void showHint();
    void showOthers();
    bool isTicked(std::size_t kind, std::size_t seed) const;
    /// Kind and seed of each ticked cell.
    std::vector<std::pair<std::size_t, std::size_t>> ticked() const;

    run::RunConfig m_config;
    std::vector<Kind> m_kinds;
    QStringList m_problems;
    std::set<std::pair<QString, QString>> m_leftOut;  // kind and seed of cells that are not ticked
    QLineEdit *m_seeds = nullptr, *m_horizons = nullptr, *m_otherSteps = nullptr;
    QLabel *m_otherLabel = nullptr, *m_hint = nullptr;
    std::vector<Other> m_others;
    QTableWidget* m_matrix = nullptr;
    bool m_isFilling = false;
};

}  // namespace rlcm::ui
