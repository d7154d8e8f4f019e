#pragma once
// The window's only door to the model library: folders may lie on slow disks, so one worker thread does all the looking.
#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/run/model_library.h"
#include "ui/bridge/background.h"

namespace rlcm::ui {

/// Lists, adds, removes and inspects models in the background and reports on the GUI thread, in the order of asking. Every
/// model of the list is inspected once by itself. thread: GUI.
class ModelService : public QObject {
    Q_OBJECT
public:
    explicit ModelService(std::shared_ptr<run::ModelLibrary> library, QObject* parent = nullptr);
    /// Drops what waits and waits for the one job that runs.
    ~ModelService() override;

    /// Reads the list of models again; ends in listed().
    void refresh();
    /// Looks again. Ends in inspected(), also when the folder has gone: then the facts hold that as a problem.
    void inspect(const run::ModelEntry& entry);
    /// Ends in added() and listed(), or failed().
    void add(const QString& folder);
    /// Ends in removed() and listed(), or failed().
    void remove(const run::ModelEntry& entry);
    /// What listed() last said.
    const std::vector<run::ModelEntry>& entries() const { return m_entries; }
    const run::ModelEntry* entry(const QString& name) const;
    /// What the last inspection found, or nothing while one is under way.
    const run::ModelFacts* facts(const QString& name) const;
    /// All models inspected so far, in the order of the list.
    std::vector<run::ModelFacts> allFacts() const;

Q_SIGNALS:
    void listed();
    void inspected(const rlcm::run::ModelFacts& facts);
    void added(const rlcm::run::ModelEntry& entry);
    void removed(const rlcm::run::ModelEntry& entry);
    void failed(const QString& message);

private:
    template <typename Work, typename Done>
    void start(Work work, Done done);
    void take(std::vector<run::ModelEntry> entries);

    std::shared_ptr<run::ModelLibrary> m_library;
    std::vector<run::ModelEntry> m_entries;
    std::map<std::string, run::ModelFacts> m_facts;
    Generation m_life;           // ends with this object
    BackgroundThreads m_thread;  // last: has ended before the rest goes
};

}  // namespace rlcm::ui
