#include "ui/runs/arithmetic_hint.h"

#include <QCoreApplication>
#include <utility>

namespace rlcm::ui {

namespace {
/// Not the hint's own: a form that is closed does not wait for a measurement.
BackgroundThreads& timerThreads() {
    static auto* threads = new BackgroundThreads(1, QCoreApplication::instance());
    return *threads;
}
}  // namespace

void ArithmeticHint::setTimer(run::ArithmeticTimer timer) {
    m_timer = std::move(timer);
}

void ArithmeticHint::look(const run::RunConfig& config) {
    if (!m_timer || (config.model.path == m_model && config.compute.device == m_device)) {
        return;
    }
    m_model = config.model.path;
    m_device = config.compute.device;
    m_times.reset();
    runInBackground(
        {timerThreads(), this, m_questions.renew()}, [timer = m_timer, config] { return timer(config); },
        [this](const run::ArithmeticTimes& times) {
            m_times = times;
            Q_EMIT changed();
        });  // a model that is not there is told under its own field
}

run::RunConfig ArithmeticHint::decided(run::RunConfig config) const {
    if (m_times && config.compute.dtype == run::Dtype::Auto) {
        config.compute.dtype = run::fastestDtype(*m_times);
    }
    return config;
}

QString ArithmeticHint::text(run::Dtype asked) const {
    return m_times ? QString::fromStdString(run::arithmeticText(asked, *m_times)) : QString();
}

}  // namespace rlcm::ui
