#pragma once
#include <QString>
#include <memory>

#include "ui/view/page.h"

namespace rlcm::ui {

class RunController;
class StoreService;

/// What the page is made from; outlives it but for the text.
struct HorizonsSources {
    StoreService& store;
    const RunController& controller;
    QString timeProgram;  ///< the file of `rlcm`, which measures
};

/// Reward at an equal budget against what an image costs once the model is trained: a point for each method and horizon of the visible runs, with the interval of its seeds and
/// the front of the best trades, a table, and images of the same prompt and noise. Keys: Space plays the budget, left and right move it, Home and End go to its start
/// and to the largest common one, D dominated points, B before training.
class HorizonsPage : public Page {
    Q_OBJECT
public:
    explicit HorizonsPage(HorizonsSources sources, QWidget* parent = nullptr);
    ~HorizonsPage() override;

    QString key() const override { return QStringLiteral("horizons"); }
    QString title() const override { return tr("Horizons"); }
    QString tip() const override { return tr("Reward at an equal budget against the time of an image"); }
    Icon symbol() const override { return Icon::Spark; }
    void showView(const ViewState& state) override;
    /// Calls while a read is under way are merged. While the page is hidden the read waits for it to be shown.
    void refresh() override;
    bool isShowingData() const override;
    /// Those of the budget.
    bool timeKey(int key) override;
    /// One dialog for the chart (PDF, SVG, PNG) and the table (CSV, Markdown, LaTeX): the ending decides.
    std::optional<ExportSubject> exportSubject() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::ui
