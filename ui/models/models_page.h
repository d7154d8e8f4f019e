#pragma once
#include "ui/view/page.h"

class QAction;
class QListView;
class QPushButton;
class QStackedWidget;
class QStandardItemModel;

namespace rlcm::ui {

class EmptyState;
class FactsView;
class MessageBar;
class ModelService;

/// The models one can train and score with: the list on the left, everything about the chosen one on the right. Folders
/// are looked at in the background. objectNames: modelsList, addModel, removeModel, inspectModel, trainModel.
class ModelsPage : public Page {
    Q_OBJECT
public:
    /// `service` must outlive the page.
    explicit ModelsPage(ModelService& service, QWidget* parent = nullptr);

    QString key() const override { return QStringLiteral("models"); }
    QString title() const override { return tr("Models"); }
    QString tip() const override { return tr("Models to train and to score with"); }
    Icon symbol() const override { return Icon::Folder; }
    void showView(const ViewState& state) override;
    /// Whether the list is there and everything in it has been looked at.
    bool isShowingData() const override;
    QString selected() const;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* makeSide();
    QWidget* makeMain();
    void connectService();
    void select(const QString& name);
    void propose(const QString& name);
    void onListed();
    void describe(int row);
    void onRemoved(const run::ModelEntry& entry);
    void showSelected();
    void chooseFolder();
    void removeSelected();
    void inspectSelected();
    int rowOf(const QString& name) const;

    ModelService& m_service;
    QString m_shown;   // model of the view; empty: the page chooses
    QString m_wanted;  // to be selected as soon as it is in the list
    QString m_undoFolder;
    QAction *m_add = nullptr, *m_remove = nullptr, *m_inspect = nullptr;
    QStandardItemModel* m_model = nullptr;
    QListView* m_list = nullptr;
    QPushButton* m_train = nullptr;
    MessageBar* m_message = nullptr;
    QStackedWidget* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    FactsView* m_view = nullptr;
};

}  // namespace rlcm::ui
