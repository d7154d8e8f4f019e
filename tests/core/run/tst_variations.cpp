// Several runs from one set of settings.
#include <QTest>

#include <set>

#include "core/base/error.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"
#include "core/run/variations.h"

using namespace rlcm;
using namespace rlcm::run;

class TestVariations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLastSettingTurnsFastest() {
        const std::vector<Variation> all{{"sampling.steps", {"2", "4"}}, {"seed", {"0", "1", "2"}}};
        const auto runs = vary(firstStudy().config, all);
        QCOMPARE(runs.size(), std::size_t{6});
        QVERIFY(runs[1].sampling.steps == 2 && runs[1].seed == 1);
        QVERIFY(runs[5].sampling.steps == 4 && runs[5].seed == 2);
        QVERIFY(vary(firstStudy().config, {}).size() == 1);
    }
    void namesTellWhatVaries() {
        const std::vector<Variation> all{{"sampling.steps", {"2", "4"}}, {"training.learning_rate", {"1e-3", "3e-3"}}, {"seed", {"0", "1"}}};
        RunConfig config = firstStudy().config;
        QCOMPARE(vary(config, all).back().name, std::string("rlcm H4 compressibility s1 learning_rate=3e-3"));
        config.name = "mine";
        const auto runs = vary(config, all);
        std::set<std::string> names;
        for (const RunConfig& run : runs) {
            names.insert(run.name);
        }
        QCOMPARE(names.size(), runs.size());
        QCOMPARE(runs.back().name, std::string("mine H4 learning_rate=3e-3 s1"));
        const std::vector<Variation> one{{"training.learning_rate", {"1e-3"}}};
        QCOMPARE(vary(config, one).front().name, std::string("mine"));
        config.name.clear();
        QVERIFY(vary(config, {}).front().name.empty());
    }
    void whoFinishesHasTheLastWordBeforeTheName() {
        const std::vector<Variation> all{{"seed", {"7"}}, {"lora.rank", {"4", "16"}}};
        const auto runs = vary(firstStudy().config, all, [](RunConfig& config) { config.seed = 9; });
        QCOMPARE(runs.front().seed, std::int64_t{9});
        QCOMPARE(runs.front().name, std::string("rlcm H4 compressibility s9 rank=4"));
    }
    void whatASettingCannotBeIsToldWithItsName() {
        const std::vector<Variation> bad{{"sampling.steps", {"4", "many"}}};
        try {
            vary(firstStudy().config, bad);
            QFAIL("not refused");
        } catch (const Error& error) {
            QVERIFY(error.message().find("many") != std::string::npos);
        }
        const std::vector<std::string> hundred(101, "1");
        const std::vector<Variation> many{{"seed", hundred}, {"sampling.steps", hundred}};
        QVERIFY_EXCEPTION_THROWN(vary(firstStudy().config, many), Error);
    }
    void listsAreSplitAtCommasOrSemicolons() {
        using List = std::vector<std::string>;
        QVERIFY((splitValues("1,2", "x") == List{"1", "2"}));
        QVERIFY((splitValues("to_q,to_k; to_v;", "x") == List{"to_q,to_k", " to_v"}));
        QVERIFY((splitValues("", "x") == List{""}));
        QVERIFY_EXCEPTION_THROWN(splitValues("1,,2", "x"), Error);
    }
    void anotherMethodBringsWhatBelongsToItAndNothingElse() {
        RunConfig config = preset("compress-rlcm-h4").config;
        config.training.epochs = 17;
        config.prompts.train = "objects";
        config.seed = 3;
        const RunConfig ddpo = asMethod(config, Method::Ddpo);
        const RunConfig own = preset("compress-ddpo-t20").config;
        QVERIFY(ddpo.algorithm.method == Method::Ddpo && ddpo.model.path == own.model.path && ddpo.sampling.guidance == own.sampling.guidance);
        QVERIFY(ddpo.training.optimizer == Optimizer::AdamW && ddpo.training.skipLastSteps == own.training.skipLastSteps);
        QVERIFY(ddpo.training.epochs == 17 && ddpo.prompts.train == "objects" && ddpo.seed == 3 && ddpo.reward.terms == config.reward.terms);
        QVERIFY(validate(ddpo).empty());
        QVERIFY(toJson(asMethod(config, Method::Rlcm)) == toJson(config));
        for (const Preset& preset : presets()) {
            for (const Method method : {Method::Rlcm, Method::Ddpo}) {
                const RunConfig other = asMethod(preset.config, method);
                QVERIFY2(other.algorithm.method == method && validate(other).empty(), preset.name.c_str());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestVariations)
#include "tst_variations.moc"
