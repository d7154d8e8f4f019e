#pragma once
#include <QScrollArea>

#include "core/run/model_library.h"

namespace rlcm::ui {

/// Everything known about one model: what is wrong with it and how to repair that, what it is, what it can be used for.
/// objectNames: factsTitle, factsFolder, factsKind, problemText, problemFix, useText.
class FactsView : public QScrollArea {
    Q_OBJECT
public:
    explicit FactsView(QWidget* parent = nullptr);
    void setFacts(const run::ModelFacts& facts);

private:
    void rebuild();
    QWidget* makeHeader();
    QWidget* makeProblem(const run::ModelProblem& problem);
    QWidget* makeFacts();
    QWidget* makeUses();

    run::ModelFacts m_facts;
};

}  // namespace rlcm::ui
