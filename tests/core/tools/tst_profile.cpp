#include <QTest>

#include "core/base/error.h"
#include "core/run/run_config.h"
#include "core/tensor/torch.h"
#include "core/tools/profile.h"

using namespace rlcm;

class TestProfile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void countsTheOperatorsOfOneCall();
    void leavesTheProfilerOffWhenTheWorkFails();
};

void TestProfile::countsTheOperatorsOfOneCall() {
    const at::Tensor x = at::ones({64, 64});
    const Json profile = tools::profiled("cpu", 3, 10, [&] {
        at::mm(x, x);
        at::mm(x, x).relu();
    });
    QCOMPARE(profile.at("device").get<std::string>(), std::string("cpu"));
    QVERIFY(profile.at("seconds").get<double>() > 0);
    double shares = 0, products = 0, last = 1;
    for (const Json& row : profile.at("rows")) {
        const double share = row.at("share").get<double>();
        QVERIFY(share >= 0 && share <= last);
        last = share;
        shares += share;
        if (row.at("name") == "aten::mm") {
            products = row.at("calls").get<double>();
        }
    }
    QCOMPARE(products, 2.0);
    QVERIFY(std::abs(shares - 1.0) < 1e-9);
    QCOMPARE(tools::profiled("cpu", 1, 1, [&] { at::mm(x, x).relu(); }).at("rows").size(), std::size_t{1});
}

void TestProfile::leavesTheProfilerOffWhenTheWorkFails() {
    int calls = 0;
    QVERIFY_THROWS_EXCEPTION(Error, tools::profiled("cpu", 1, 10, [&] {
                                 if (++calls > 1) {
                                     throw Error(ErrorKind::Io, "no more");
                                 }
                             }));
    QVERIFY(!tools::profiled("cpu", 1, 10, [] { at::ones({2}).add(1); }).at("rows").empty());
}

QTEST_GUILESS_MAIN(TestProfile)
#include "tst_profile.moc"
