#include "ui/models/model_service.h"

#include <algorithm>
#include <exception>

namespace rlcm::ui {

ModelService::ModelService(std::shared_ptr<run::ModelLibrary> library, QObject* parent) : QObject(parent), m_library(std::move(library)) {
    m_pool.setMaxThreadCount(1);
}

ModelService::~ModelService() {
    m_isEnding = true;
    m_pool.clear();
    m_pool.waitForDone();
}

/// `work` runs on the worker; what it returns runs here.
void ModelService::start(std::function<std::function<void()>()> work) {
    m_pool.start([this, work = std::move(work)] {
        if (m_isEnding) {
            return;
        }
        std::function<void()> report;
        try {
            report = work();
        } catch (const std::exception& error) {
            report = [this, text = QString::fromUtf8(error.what())] { Q_EMIT failed(text); };
        }
        QMetaObject::invokeMethod(this, std::move(report), Qt::QueuedConnection);
    });
}

void ModelService::refresh() {
    start([this]() -> std::function<void()> {
        return [this, entries = m_library->list()] { take(entries); };
    });
}

void ModelService::take(std::vector<run::ModelEntry> entries) {
    m_entries = std::move(entries);
    std::erase_if(m_facts, [this](const auto& known) {
        return std::none_of(m_entries.begin(), m_entries.end(), [&](const run::ModelEntry& one) { return one.name == known.first && one.folder == known.second.folder; });
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
    start([this, entry]() -> std::function<void()> {
        run::ModelFacts facts;
        try {
            facts = m_library->inspect(entry.name);
        } catch (const std::exception& error) {
            facts.problems.push_back({error.what(), {}});
        }
        facts.name = entry.name;
        facts.folder = entry.folder;
        facts.isBundled = entry.isBundled;
        return [this, facts] {
            m_facts[facts.name] = facts;
            Q_EMIT inspected(facts);
        };
    });
}

void ModelService::add(const QString& folder) {
    start([this, folder = folder.toStdString()]() -> std::function<void()> {
        return [this, entry = m_library->add(folder, {})] { Q_EMIT added(entry); };
    });
    refresh();
}

void ModelService::remove(const run::ModelEntry& entry) {
    start([this, entry]() -> std::function<void()> {
        m_library->remove(entry.name);
        return [this, entry] { Q_EMIT removed(entry); };
    });
    refresh();
}

}  // namespace rlcm::ui
