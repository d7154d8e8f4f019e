#pragma once
#include "ui/bridge/background.h"
#include "ui/studies/study_cards.h"
#include "ui/view/page.h"

class QListView;
class QPushButton;
class QStackedWidget;
class QStandardItemModel;

namespace rlcm::ui {

class EmptyState;
class MessageBar;
class StoreService;
class StudyView;

/// Questions with the runs that answer them: the list on the left, the chosen one on the right; its missing runs are queued and its report is written from
/// here. objectNames: studiesList, trainStudy, reportStudy, studiesMessage, studiesEmpty.
class StudiesPage : public Page {
    Q_OBJECT
public:
    /// `store` must outlive the page.
    explicit StudiesPage(StoreService& store, QWidget* parent = nullptr);

    QString key() const override { return QStringLiteral("studies"); }
    QString title() const override { return tr("Studies"); }
    QString tip() const override { return tr("Questions, and the runs that answer them"); }
    Icon symbol() const override { return Icon::Help; }
    void showView(const ViewState& state) override;
    void refresh() override;
    bool isShowingData() const override { return m_isListed && m_isShown; }

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeSide();
    QWidget* makeMain();
    void showList(std::vector<StudyCard> cards);
    void readDetail();
    void showDetail(StudyDetail detail);
    void refuse(const QString& text);
    void train();
    void report();
    int rowOf(const QString& name) const;
    QString listed() const;

    StoreService& m_store;
    QString m_study;  // of the view; empty: the first
    int m_seeds = 0;  // of the view
    std::vector<StudyCard> m_cards;
    std::optional<StudyDetail> m_detail;
    bool m_isListed = false, m_isShown = false;
    Generation m_lists, m_details;
    QString m_report;  // the file that was written last
    QStandardItemModel* m_model = nullptr;
    QListView* m_list = nullptr;
    QPushButton *m_train = nullptr, *m_reportButton = nullptr;
    MessageBar* m_message = nullptr;
    QStackedWidget* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    StudyView* m_view = nullptr;
};

}  // namespace rlcm::ui
