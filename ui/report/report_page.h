#pragma once
// The report: cards in their order, with words, as HTML or PDF.
#include "ui/view/page.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace rlcm::ui {

class CardView;
class EmptyState;
class MessageBar;
class ReportDesk;

/// objectNames: reportPage, reportTitle, reportCards (the list), cardTitle, cardWords, addText, cardUp, cardDown, removeCard, saveReport, reportMessage.
class ReportPage : public Page {
    Q_OBJECT
public:
    /// `desk` must outlive the page.
    explicit ReportPage(ReportDesk& desk, QWidget* parent = nullptr);

    QString key() const override { return QStringLiteral("report"); }
    QString title() const override { return tr("Report"); }
    QString tip() const override { return tr("Figures, grids, tables and words put together"); }
    Icon symbol() const override { return Icon::Export; }
    void showView(const ViewState& state) override { showLayout(state); }
    bool isShowingData() const override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeList();
    QWidget* makeEditor();
    QPushButton* makeButton(const char* name, Icon which, const QString& text, const QString& tip);
    void connectAll();
    void showReport();
    void showCard();
    void addText();
    void move(int by);
    void removeCard();
    void takeTitle();
    void takeCard();
    void takeOrder();
    void save();
    int current() const;

    ReportDesk& m_desk;
    QLineEdit *m_title = nullptr, *m_cardTitle = nullptr;
    QListWidget* m_list = nullptr;
    QPlainTextEdit* m_words = nullptr;
    QLabel* m_kind = nullptr;
    CardView* m_view = nullptr;
    QPushButton *m_addText = nullptr, *m_up = nullptr, *m_down = nullptr, *m_remove = nullptr, *m_save = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedWidget *m_stack = nullptr, *m_side = nullptr;
    MessageBar* m_message = nullptr;
    QString m_saved;
    int m_wanted = -1;  // the card that is to be shown once the report has it
};

}  // namespace rlcm::ui
