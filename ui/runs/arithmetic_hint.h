#pragma once
#include <QObject>
#include <QString>
#include <optional>
#include <string>

#include "core/run/arithmetic.h"
#include "ui/bridge/background.h"

namespace rlcm::ui {

/// What the precisions of the model in a form take on its device, measured in the background once for each pair of them. thread: GUI.
class ArithmeticHint : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    /// From now on; before, nothing is known.
    void setTimer(run::ArithmeticTimer timer);
    /// Asks when another model or device is named; what was known of the former is forgotten at once.
    void look(const run::RunConfig& config);
    /// The settings with what auto becomes here, as far as that is known.
    run::RunConfig decided(run::RunConfig config) const;
    /// What the chosen precision means here; empty while that is not known.
    QString text(run::Dtype asked) const;
    bool isSlow(run::Dtype asked) const { return m_times && run::isSlow(asked, *m_times); }

Q_SIGNALS:
    /// An answer has come.
    void changed();

private:
    run::ArithmeticTimer m_timer;
    std::string m_model, m_device;
    std::optional<run::ArithmeticTimes> m_times;
    Generation m_questions;
};

}  // namespace rlcm::ui
