#include "ui/gallery/pair_likeness.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/gallery/pixels.h"

namespace rlcm::ui {

namespace {

/// Shared by all viewers and as old as the program: a window that closes does not wait for a model that is being loaded.
BackgroundThreads& likenessThread() {
    static auto* thread = new BackgroundThreads(1, QCoreApplication::instance());
    return *thread;
}

}  // namespace

void PairLikeness::look(const ViewedImage& a, const QImage& pictureA, const ViewedImage& b, const QImage& pictureB) {
    const QString model = a.judgeModel.isEmpty() ? b.judgeModel : a.judgeModel;
    if (!m_meter || model.isEmpty() || pictureA.isNull() || pictureB.isNull()) {
        leave();
        return;
    }
    const Pair pair{model, std::min(a.file, b.file), std::max(a.file, b.file)};
    if (pair == m_pair && m_state != State::None) {
        return;
    }
    m_pair = pair;
    m_pictureA = pictureA;
    m_pictureB = pictureB;
    begin();
}

void PairLikeness::leave() {
    m_questions.renew();
    m_pair = {};
    m_pictureA = m_pictureB = {};
    set(State::None);
}

void PairLikeness::cancel() {
    m_questions.renew();
    m_isOff = true;
    set(State::Cancelled);
}

void PairLikeness::retry() {
    m_isOff = false;
    if (m_state == State::Cancelled || m_state == State::Failed) {
        begin();
    }
}

void PairLikeness::begin() {
    const Generation::Token token = m_questions.renew();
    if (const auto known = m_known.constFind(m_pair); known != m_known.cend()) {
        m_cosine = *known;
        return set(State::Known);
    }
    if (m_isOff) {
        return set(State::Cancelled);
    }
    runInBackground(
        {likenessThread(), this, token},
        [meter = m_meter, model = m_pair.model.toStdString(), a = m_pictureA, b = m_pictureB] { return meter(model, pixelsOf(a), pixelsOf(b)); },
        [this, pair = m_pair](double cosine) {
            if (m_known.size() >= kMostKept) {
                m_known.clear();
            }
            m_known.insert(pair, m_cosine = cosine);
            set(State::Known);
        },
        [this](const QString& text) {
            m_problem = text;
            set(State::Failed);
        });
    set(State::Measuring);
}

void PairLikeness::set(State state) {
    m_state = state;
    Q_EMIT changed();
}

}  // namespace rlcm::ui
