#pragma once
#include <QWidget>

#include "core/run/model_library.h"

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
class ModelsPage : public QWidget {
    Q_OBJECT
public:
    /// `service` must outlive the page.
    explicit ModelsPage(ModelService& service, QWidget* parent = nullptr);
    QString selected() const;
    void select(const QString& name);
    /// Whether the list is there and everything in it has been looked at.
    bool isShowingData() const;

Q_SIGNALS:
    /// Train with this model.
    void newRunRequested(const rlcm::run::ModelFacts& model);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* makeSide();
    QWidget* makeMain();
    void onListed();
    void describe(int row);
    void onRemoved(const run::ModelEntry& entry);
    void showSelected();
    void chooseFolder();
    void removeSelected();
    void inspectSelected();
    int rowOf(const QString& name) const;

    ModelService& m_service;
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
