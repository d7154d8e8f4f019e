#pragma once
#include <QWidget>

class QLabel;

namespace rlcm::ui {

/// What a workspace without runs shows: one thing to do, two others beside it.
/// objectNames: startStudy, welcomeNewRun, welcomeOpen, welcomeRecord.
class WelcomePage : public QWidget {
    Q_OBJECT
public:
    /// `workspace`: folder shown at the foot. `hasRecord`: whether a recorded study can be offered.
    WelcomePage(const QString& workspace, bool hasRecord, QWidget* parent = nullptr);

Q_SIGNALS:
    void studyRequested();
    void newRunRequested();
    void openRequested();
    void modelsRequested();
    void recordRequested();
};

}  // namespace rlcm::ui
