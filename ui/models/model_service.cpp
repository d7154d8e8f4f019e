#include "ui/models/model_service.h"

#include <algorithm>
#include <exception>

namespace rlcm::ui {

ModelService::ModelService(std::shared_ptr<run::ModelLibrary> library, QObject* parent) : QObject(parent), m_library(std::move(library)), m_thread(1) {}

ModelService::~ModelService() {
    m_life.renew();
}

template <typename Work, typename Done>
void ModelService::start(Work work, Done done) {
    runInBackground({m_thread, this, m_life.token()}, std::move(work), std::move(done), [this](const QString& text) { Q_EMIT failed(text); });
}

void ModelService::refresh() {
    start([library = m_library] { return library->list(); }, [this](std::vector<run::ModelEntry> entries) { take(std::move(entries)); });
}

void ModelService::take(std::vector<run::ModelEntry> entries) {
    m_entries = std::move(entries);
    std::erase_if(m_facts, [this](const auto& known) {
        return std::none_of(m_entries.begin(), m_entries.end(),
                            [&](const run::ModelEntry& one) { return one.name == known.first && one.folder == known.second.folder; });
    });
    for (const run::ModelEntry& one : m_entries) {
        if (!m_facts.contains(one.name)) {
            inspect(one);
        }
    }
    Q_EMIT listed();
}

const run::ModelEntry* ModelService::entry(const QString& name) const {
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [text = name.toStdString()](const run::ModelEntry& one) { return one.name == text; });
    return found == m_entries.end() ? nullptr : &*found;
}

const run::ModelFacts* ModelService::facts(const QString& name) const {
    const auto found = m_facts.find(name.toStdString());
    return found == m_facts.end() ? nullptr : &found->second;
}

std::vector<run::ModelFacts> ModelService::allFacts() const {
    std::vector<run::ModelFacts> all;
    for (const run::ModelEntry& one : m_entries) {
        if (const auto found = m_facts.find(one.name); found != m_facts.end()) {
            all.push_back(found->second);
        }
    }
    return all;
}

void ModelService::inspect(const run::ModelEntry& entry) {
    m_facts.erase(entry.name);
    start(
        [library = m_library, entry] {
            run::ModelFacts facts;
            try {
                facts = library->inspect(entry.name);
            } catch (const std::exception& error) {
                facts.problems.push_back({error.what(), {}});
            }
            facts.name = entry.name;
            facts.folder = entry.folder;
            facts.isBundled = entry.isBundled;
            return facts;
        },
        [this](const run::ModelFacts& facts) {
            m_facts[facts.name] = facts;
            Q_EMIT inspected(facts);
        });
}

void ModelService::add(const QString& folder) {
    start([library = m_library, folder = folder.toStdString()] { return library->add(folder, {}); },
          [this](const run::ModelEntry& entry) { Q_EMIT added(entry); });
    refresh();
}

void ModelService::remove(const run::ModelEntry& entry) {
    start([library = m_library, name = entry.name] { library->remove(name); }, [this, entry] { Q_EMIT removed(entry); });
    refresh();
}

}  // namespace rlcm::ui
