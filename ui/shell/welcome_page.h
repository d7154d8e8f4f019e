#pragma once
#include <QWidget>

class QLabel;

namespace rlcm::ui {

/// What a workspace without runs shows: one thing to do, two others beside it.
/// objectNames: startStudy, welcomeNewRun, welcomeOpen.
class WelcomePage : public QWidget {
    Q_OBJECT
public:
    /// `workspace`: folder shown at the foot.
    explicit WelcomePage(const QString& workspace, QWidget* parent = nullptr);

Q_SIGNALS:
    void studyRequested();
    void newRunRequested();
    void openRequested();
    void modelsRequested();
};

}  // namespace rlcm::ui
