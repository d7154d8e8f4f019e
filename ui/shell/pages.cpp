#include "ui/shell/pages.h"

#include "ui/compare/compare_page.h"
#include "ui/grid/grid_page.h"
#include "ui/horizons/horizons_page.h"
#include "ui/inspect/inspect_page.h"
#include "ui/live/live_page.h"
#include "ui/models/models_page.h"
#include "ui/report/report_page.h"
#include "ui/studies/studies_page.h"
#include "ui/vote/vote_page.h"

namespace rlcm::ui {

std::vector<Page*> makePages(const PageSources& sources) {
    return {
        new LivePage({sources.store, sources.images, sources.runs, sources.controller}),
        new ComparePage(sources.store, sources.runs),
        new HorizonsPage({sources.store, sources.controller, sources.timeProgram}),
        new GridPage(sources.store),
        new VotePage({sources.store, sources.runs, sources.votes}),
        new StudiesPage(sources.store),
        new InspectPage({sources.runs, sources.store, sources.steps}),
        new ModelsPage(sources.models),
        new ReportPage(sources.report),
    };
}

}  // namespace rlcm::ui
