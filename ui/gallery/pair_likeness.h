#pragma once
// The CLIP cosine of the two images of the viewer.
#include <QHash>
#include <QImage>
#include <QObject>
#include <QString>
#include <optional>
#include <utility>

#include "core/run/image_likeness.h"
#include "ui/bridge/background.h"
#include "ui/gallery/viewed_image.h"

namespace rlcm::ui {

/// Measures off the GUI thread, each pair once, whichever of the two is A. thread: GUI.
class PairLikeness : public QObject {
    Q_OBJECT
public:
    enum class State { None, Measuring, Known, Cancelled, Failed };
    using QObject::QObject;

    /// None: nothing is ever measured.
    void setMeter(run::LikenessMeter meter) { m_meter = std::move(meter); }
    /// The pair from now on, with its pictures, by the model that judges the run of A, or if it has none that of B. One that was cancelled is not begun again
    /// before retry(), nor is any other until then.
    void look(const ViewedImage& a, const QImage& pictureA, const ViewedImage& b, const QImage& pictureB);
    /// There is no pair.
    void leave();
    /// What is being measured is forgotten, and nothing more is until retry().
    void cancel();
    void retry();

    State state() const { return m_state; }
    std::optional<double> cosine() const { return m_state == State::Known ? std::optional(m_cosine) : std::nullopt; }
    const QString& model() const { return m_pair.model; }
    const QString& problem() const { return m_problem; }
    /// Pairs that are kept.
    qsizetype kept() const { return m_known.size(); }
    static constexpr qsizetype kMostKept = 4096;

Q_SIGNALS:
    void changed();

private:
    struct Pair {
        QString model, first, second;  ///< the files in their own order
        bool operator==(const Pair&) const = default;
        friend size_t qHash(const Pair& pair, size_t seed = 0) { return qHashMulti(seed, pair.model, pair.first, pair.second); }
    };
    void begin();
    void set(State state);

    run::LikenessMeter m_meter;
    QHash<Pair, double> m_known;
    Pair m_pair;
    QImage m_pictureA, m_pictureB;
    State m_state = State::None;
    bool m_isOff = false;
    double m_cosine = 0;
    QString m_problem;
    Generation m_questions;
};

}  // namespace rlcm::ui
