// A pause is noticed wherever it begins, and a stop ends it.
#include <QtTest>

#include <thread>

#include "core/sampling/gate.h"

using namespace rlcm;

class TestGate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aPauseIsTickedUntilItEnds() {
        run::RunCommands commands;
        const sampling::Gate gate({}, commands);
        commands.pause();
        int ticks = 0;
        const double waited = gate.pass([&] {
            if (++ticks == 3) {
                commands.resume();
            }
        });
        QCOMPARE(ticks, 3);
        QVERIFY(waited >= 0.09);  // two full ticks
    }

    void nothingIsTickedWithoutAPause() {
        run::RunCommands commands;
        const sampling::Gate gate({}, commands);
        QCOMPARE(gate.pass([] { QFAIL("there is no pause"); }), 0.0);
    }

    void aStopEndsAPause() {
        run::RunCommands commands;
        const sampling::Gate gate({}, commands);
        commands.pause();
        QVERIFY_THROWS_EXCEPTION(sampling::Cancelled, gate.pass([&] { commands.stopNow(); }));
        std::stop_source source;
        const sampling::Gate other(source.get_token(), commands);
        source.request_stop();
        QVERIFY_THROWS_EXCEPTION(sampling::Cancelled, other.pass());
    }
};

QTEST_APPLESS_MAIN(TestGate)
#include "tst_gate.moc"
