#pragma once
#include <QScrollArea>

#include "ui/studies/study_cards.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableWidget;
class QVBoxLayout;

namespace rlcm::ui {

/// Everything about one study: its question, how far it is, what its runs answer so far, its cells with what they cost.
/// objectNames: studyTitle, studyQuestion, studyProgress, studyState, studySeeds, studyAnswers, studyAnswersHeading, openRecord, studyCells, studyNotes.
class StudyView : public QScrollArea {
    Q_OBJECT
public:
    explicit StudyView(QWidget* parent = nullptr);
    void setDetail(const StudyDetail& detail);

Q_SIGNALS:
    /// The user wants so many seeds.
    void seedsChosen(int seeds);
    /// The recorded runs behind the answers are to be looked at.
    void recordRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeProgress();
    QWidget* makeAnswersHeading();
    void makeTable();
    void showState(const StudyDetail& detail);
    void showAnswers(const StudyDetail& detail);
    void showCells(const StudyDetail& detail);
    void fitTable();

    QLabel *m_title = nullptr, *m_question = nullptr, *m_note = nullptr, *m_state = nullptr, *m_answers = nullptr, *m_limits = nullptr;
    QLabel* m_answersHeading = nullptr;
    QPushButton* m_record = nullptr;
    QWidget* m_limitsHeading = nullptr;
    QProgressBar* m_progress = nullptr;
    QSpinBox* m_seeds = nullptr;
    QTableWidget* m_table = nullptr;
};

}  // namespace rlcm::ui
