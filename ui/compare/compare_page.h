#pragma once
#include <memory>

#include "ui/view/page.h"

namespace rlcm::ui {

class RunsModel;
class StoreService;

/// All visible runs of a workspace on one chart: any scalar against any budget, smoothing, seed groups, a
/// table and the evaluation images at the cursor. The GUI thread never waits for the disk.
/// Keys: 1..8 x axis, [ and ] smoothing, R raw, L log y, O outliers, G group, F fit.
class ComparePage : public Page {
    Q_OBJECT
public:
    /// `store` and `runs` must outlive the page.
    ComparePage(StoreService& store, const RunsModel& runs, QWidget* parent = nullptr);
    ~ComparePage() override;

    QString key() const override { return QStringLiteral("compare"); }
    QString title() const override { return tr("Compare"); }
    QString tip() const override { return tr("All visible runs on one chart"); }
    Icon symbol() const override { return Icon::Chart; }
    void showView(const ViewState& state) override;
    /// Calls while a read is under way are merged. While the page is hidden the read waits for it to be shown.
    void refresh() override;
    bool isShowingData() const override;
    /// Of all visible runs that share the axis.
    std::optional<EpochRange> epochs() const override;
    bool chooseAxis(XAxis axis) override;
    /// A dialog of the page's own.
    std::optional<ExportSubject> exportSubject() const override;
    /// Copies the table at the cursor as TSV.
    void copyTable();

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::ui
