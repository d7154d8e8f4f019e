// What the command palette finds: actions, pages, runs, measures, axes, presets and settings.
#include <QAction>
#include <algorithm>

#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "core/run/presets.h"
#include "core/store/workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/main_window.h"
#include "ui/view/page.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

Command commandOf(QAction* action, const QString& kind) {
    QString text = action->text().section(QLatin1Char('\t'), 0, 0);
    return {.kind = kind, .text = text.remove(QLatin1Char('&')), .keys = Actions::keyText(action), .isEnabled = action->isEnabled(), .run = [action] {
                action->trigger();
            }};
}

}  // namespace

std::vector<Command> MainWindow::commands() {
    std::vector<Command> all;
    for (QAction* page : m_actions.pages) {
        all.push_back(commandOf(page, tr("Page")));
    }
    std::vector<QAction*> actions = m_actions.all();
    std::erase_if(actions, [this](QAction* action) {
        return action == m_actions.palette || !action->isVisible() || std::ranges::find(m_actions.pages, action) != m_actions.pages.end();
    });
    for (QAction* own : m_runs->runActions()) {
        actions.push_back(own);
    }
    for (QAction* action : actions) {
        all.push_back(commandOf(action, tr("Action")));
    }
    for (const run::CounterField& field : run::counterFields()) {
        all.push_back({.kind = tr("x axis"), .text = axisTitle(field.counter), .run = [this, axis = field.counter] { chooseAxis(axis); }});
    }
    for (const store::RunRow& run : m_runs->model().runs()) {
        all.push_back(
            {.kind = tr("Run"), .text = oneLine(run.name), .run = [this, id = run.id] { m_view.apply({[id](ViewState& state) { state.select(id); }}); }});
    }
    for (const QString& name : m_settings.layoutNames()) {
        all.push_back({.kind = tr("Layout"), .text = name, .run = [this, name] { applyLayout(name); }});
    }
    for (const run::Preset& preset : run::presets()) {
        const QString title = QString::fromStdString(preset.title);
        all.push_back(
            {.kind = tr("Preset"), .text = title, .run = [this, &preset, title] { openDialog()->setConfig(preset.config, tr("the preset “%1”").arg(title)); }});
    }
    for (const run::Field& field : run::fieldTable()) {
        const QString label = QString::fromStdString(field.label);
        all.push_back({.kind = tr("Setting"), .text = label, .run = [this, label] { openDialog()->form().setSearch(label); }});
    }
    return all;
}

/// Measures are those that the selected run has, so they come when they are read.
void MainWindow::openPalette() {
    if (m_palette) {
        return;
    }
    m_palette = new CommandPalette(commands(), centralWidget());
    m_store->read(
        m_palette, [id = m_runs->selected()](const store::StoreReader& reader) { return id.empty() ? std::vector<std::string>() : reader.scalarNames(id); },
        [this](const std::vector<std::string>& names) {
            std::vector<Command> measures;
            for (const std::string& name : names) {
                measures.push_back({.kind = tr("Measure"), .text = scalarTitle(name), .run = [this, name] { chooseMeasure(name); }});
            }
            m_palette->add(std::move(measures));
        });
}

/// On the page of comparisons when it is shown; else beside the reward of the selected run, where the rewards themselves are always drawn.
void MainWindow::chooseMeasure(const std::string& name) {
    const bool isReward = name == run::measure::kRewardMean || name == run::measure::kEvalRewardMean;
    m_view.apply({[name, isReward](ViewState& state) {
        const bool isCompared = isReward || state.page == QLatin1String("compare");
        isCompared ? static_cast<void>(state.compare.measure = name) : state.live.showMeasure(name);
        state.page = isCompared ? QStringLiteral("compare") : QStringLiteral("live");
    }});
}

void MainWindow::chooseAxis(XAxis axis) {
    if (!shownPage()->chooseAxis(axis)) {
        m_view.apply({[axis](ViewState& state) {
            state.page = QStringLiteral("live");
            state.live.axis = axis;
        }});
    }
}

}  // namespace rlcm::ui
