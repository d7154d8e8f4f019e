#include "core/study/report.h"

#include <algorithm>

#include "core/base/files.h"
#include "core/base/number_text.h"
#include "core/run/derive.h"
#include "core/report/html.h"
#include "core/study/report_parts.h"

namespace rlcm::study {
namespace {

std::string verdictText(Verdict verdict) {
    switch (verdict) {
        case Verdict::Shown:
            return "Shown";
        case Verdict::Few:
            return "Few seeds";
        case Verdict::NotShown:
            return "Not shown";
        case Verdict::NoInterval:
            return "No interval";
        case Verdict::NoValue:
            return "No answer";
    }
    return {};
}

/// "Of 6 answers 1 is shown, 2 look so over too few seeds; 3 are not shown." for those who read one line.
std::string summaryText(const std::vector<Answer>& answers) {
    const auto count = [&](Verdict verdict) {
        return std::count_if(answers.begin(), answers.end(), [&](const Answer& answer) { return answer.verdict == verdict; });
    };
    const auto shown = count(Verdict::Shown), few = count(Verdict::Few), open = static_cast<std::ptrdiff_t>(answers.size()) - shown - few;
    return "Of " + std::to_string(answers.size()) + (answers.size() == 1 ? " answer " : " answers ") + std::to_string(shown) +
           (shown == 1 ? " is shown, " : " are shown, ") + std::to_string(few) +
           (few == 1 ? " looks so over too few seeds; " : " look so over too few seeds; ") + std::to_string(open) +
           (open == 1 ? " is not shown." : " are not shown.");
}

std::string answerList(const std::vector<Answer>& answers) {
    std::string html = "<p>" + report::escaped(summaryText(answers)) + "</p>\n<ul class=\"answers\">\n";
    for (const Answer& answer : answers) {
        html += "<li class=\"" + std::string(toString(answer.verdict)) + "\"><b>" + verdictText(answer.verdict) + "</b>" + report::escaped(answer.sentence) +
                "</li>\n";
    }
    html +=
        "</ul>\n<p class=\"note\">Percentile bootstrap intervals over pairs of seeds, 20000 repetitions. Such an interval of 95 % holds the truth in 77 of 100 "
        "cases at 3 "
        "runs, 82 at 5, 89 at 10, 93 at 20 (simulated with normal numbers).";
    const bool hasBest = std::any_of(answers.begin(), answers.end(), [](const Answer& answer) { return answer.asked.ask == Ask::Best; });
    if (answers.size() > 1 || hasBest) {
        html += " There " + std::string(answers.size() == 1 ? "is 1 answer" : "are " + std::to_string(answers.size()) + " answers") +
                ", so each interval is widened until all of them hold together in 95 of 100 cases (Bonferroni).";
    }
    if (hasBest) {
        html +=
            " Where the best of several values is asked, each of them and each pair of them counts as an interval, because the runs themselves choose which "
            "two are compared; still the best of several is higher by chance than it will be again.";
    }
    return html + "</p>\n";
}

std::string runsText(const Progress& progress, std::size_t planned) {
    std::string text = std::to_string(progress.finished) + " of " + std::to_string(planned) + " planned runs are finished";
    const auto add = [&](int count, const char* what) { text += count > 0 ? ", " + std::to_string(count) + what : ""; };
    add(progress.failed, " failed");
    add(progress.begun, " begun and not finished");
    add(progress.missing, " not begun");
    return text + ".";
}

/// Failed runs by name: what they would have shown is not known.
std::vector<std::string> failures(const Findings& findings) {
    std::vector<std::string> lines;
    for (const auto& run : findings.runs()) {
        if (run && run->state == run::RunState::Failed) {
            lines.push_back(run->id + " (" + run->name + ") failed after epoch " + std::to_string(run->counters.epoch) + ": " + run->error +
                            " Its values up to there are used, none beyond.");
        }
    }
    return lines;
}

/// Whose seconds were compared.
std::string clockText(const Findings& findings) {
    std::size_t made = 0, elsewhere = 0;
    for (std::size_t i = 0; i < findings.runs().size(); ++i) {
        made += findings.runs()[i] ? 1 : 0;
        elsewhere += findings.runs()[i] && !findings.isOnClock(i) ? 1 : 0;
    }
    std::string text = "Seconds compare only runs of one machine that did nothing else at the time.";
    if (elsewhere > 0) {
        text += " So " + std::to_string(elsewhere) + " of the " + std::to_string(made) +
                " runs take no part in what is told in seconds: they were not made on " + findings.clock() + ".";
    }
    return text;
}

std::vector<std::string> limits(const Findings& findings, const Progress& progress) {
    const Plan& plan = findings.plan();
    std::vector<std::string> lines = plan.notes;
    lines.push_back(runsText(progress, plan.runs.size()));
    const std::vector<std::string> failed = failures(findings);
    lines.insert(lines.end(), failed.begin(), failed.end());
    const std::size_t all = findings.reader().runs(true).size(), own = plan.runs.size() - static_cast<std::size_t>(progress.missing);
    if (all > own) {
        lines.push_back("The workspace holds " + std::to_string(all - own) + " more runs, with other settings or deleted, that are not part of this study.");
    }
    const std::int64_t images = run::derive(plan.cells.front().config).evaluationImages;
    lines.push_back("Evaluations use " + std::to_string(images) + " fixed images: one image is " + valueText(100.0 / static_cast<double>(images)) +
                    " % of the judge's accuracy.");
    lines.emplace_back(
        "Seeds, evaluation set and the state that counts (the last one at the budget) were fixed before the runs. Runs are read only where they have been: "
        "nothing is held or extrapolated beyond their ends.");
    lines.push_back(clockText(findings));
    return lines;
}

}  // namespace

std::string reportHtml(const Findings& findings) {
    const Study& study = findings.plan().study;
    const Progress progress = progressOf(findings.plan(), findings.runs());
    std::string body = "<h1>" + report::escaped(study.title) + "</h1>\n<p class=\"question\">" + report::escaped(study.question) + "</p>\n";
    body += study.note.empty() ? "" : "<p class=\"note\">" + report::escaped(study.note) + "</p>\n";
    body += "<p>" + report::escaped(runsText(progress, findings.plan().runs.size())) + "</p>\n";
    body += report::section("Answer", answerList(answersOf(findings)));
    body += report::section("At equal budget", budgetFigures(findings));
    body += report::section("Results", resultTable(findings));
    body += report::section("Last and best checkpoint", bestTable(findings));
    body += report::section("Trained at one horizon, drawn at others", stepsTable(findings));
    body += report::section("Through training", curveFigures(findings));
    body += report::section("Reward and judge over the distance from the base model", gainFigures(findings));
    body += report::section("The same noise", imageGrid(findings));
    body += report::section("Settings", settingsTable(findings.plan()));
    body += report::section("Cost", costTable(findings));
    body += report::section("Environment", environmentTable(findings));
    body += report::section("Limits", report::htmlList(limits(findings, progress)));
    return report::htmlPage(study.title, body);
}

void writeReport(const Findings& findings, const std::filesystem::path& file) {
    writeFileAtomically(file, reportHtml(findings));
}

}  // namespace rlcm::study
