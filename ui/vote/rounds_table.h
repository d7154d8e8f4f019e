#pragma once
#include <QFrame>
#include <vector>

#include "core/figure/text_table.h"
#include "ui/vote/vote_round.h"
#include "ui/vote/vote_words.h"

class QStackedWidget;
class QStandardItemModel;
class QTableView;

namespace rlcm::ui {

/// The rounds that were begun or are over, one a row. Copied with Ctrl+C for a spreadsheet, by its menu as Markdown or LaTeX. thread: GUI. objectNames: roundsTable, copyRounds, noRounds.
class RoundsTable : public QFrame {
    Q_OBJECT
public:
    explicit RoundsTable(QWidget* parent = nullptr);
    /// A row that stays keeps its selection. Brief names are shown, whole ones taken away.
    void setRounds(const std::vector<KeptRound>& rounds, const SideName& nameOf, const SideName& briefNameOf);
    const std::vector<KeptRound>& rounds() const { return m_rounds; }
    /// As people read it.
    figure::TextTable toTable() const;
    /// Whole numbers and shares, a line for each round.
    std::string toCsv() const;

Q_SIGNALS:
    /// Double click, or Enter.
    void opened(std::size_t row);

private:
    void makeView();
    void fitColumns();
    std::vector<std::vector<std::string>> exactCells() const;
    std::string toTsv() const;

    std::vector<KeptRound> m_rounds;
    std::vector<QStringList> m_texts, m_briefTexts;  // of the rows
    QStandardItemModel* m_model = nullptr;
    QTableView* m_view = nullptr;
    QStackedWidget* m_stack = nullptr;
};

}  // namespace rlcm::ui
