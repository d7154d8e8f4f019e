#pragma once
#include <memory>

#include "ui/view/page.h"

namespace rlcm::ui {

class StoreService;

/// Evaluation images of the visible runs in rows, columns and pages of epoch, prompt, noise, run, H, seed or reward rank. An axis that is in no place is at the time bar's
/// epoch, the selected run, the first prompt and noise. Keys: those of PivotView; comma and point turn the page, T swaps rows and columns, S sorts, + and - are the size.
class GridPage : public Page {
    Q_OBJECT
public:
    /// `store` must outlive the page.
    explicit GridPage(StoreService& store, QWidget* parent = nullptr);
    ~GridPage() override;

    QString key() const override { return QStringLiteral("grid"); }
    QString title() const override { return tr("Grid"); }
    QString tip() const override { return tr("Images of the visible runs in rows and columns"); }
    Icon symbol() const override { return Icon::Grid; }
    void showView(const ViewState& state) override;
    /// Calls while a read is under way are merged. While the page is hidden the read waits for it to be shown.
    void refresh() override;
    bool isShowingData() const override;
    std::optional<EpochRange> epochs() const override;
    /// The page that is shown, whole, as a PNG or JPEG.
    std::optional<ExportSubject> exportSubject() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::ui
