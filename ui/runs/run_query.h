#pragma once
// What is typed to find runs, as `algo:rlcm H>=4 reward > 5.5 learning_rate<1e-3 not /s[12]$/ or "two words"`.
#include <QString>
#include <functional>
#include <memory>
#include <vector>

#include "core/store/workspace.h"
#include "ui/runs/setting_texts.h"

namespace rlcm::ui {

/// A question about runs. Parts that stand beside each other must all hold, `or` (also |) parts such groups, `not` turns the next part round. A part is
/// - `key op number` (keys h, reward, best, seed, epoch and every setting, by its path or the last word of it; ops = == != < > <= >= and :, blanks around the op and a
///   decimal comma are allowed),
/// - `key op text` (keys algo, state and every setting that is a text; ops = == != and : for a part of it),
/// - `tag:paper` or `tag:"two words"` (a whole tag; `tag:` alone any),
/// - `/regular expression/`, found in the name, or
/// - text, found in name, state, algorithm, reward, id, tags or notes; "in quotes" with blanks and words that mean something else here.
/// Letters' case never counts. "and" between parts means what it means anyway.
class RunQuery {
public:
    RunQuery() = default;
    RunQuery(const QString& text, const std::shared_ptr<SettingTexts>& settings);
    bool accepts(const store::RunRow& run) const;
    /// What of the text is not understood, and how it is written; empty when all is. Such a part is left out.
    const QString& problem() const { return m_problem; }

private:
    using Condition = std::function<bool(const store::RunRow&)>;
    Condition conditionOf(const QString& word, const std::shared_ptr<SettingTexts>& settings);

    std::vector<std::vector<Condition>> m_groups;  // one of them, with all of its conditions; none: every run
    QString m_problem;
};

}  // namespace rlcm::ui
