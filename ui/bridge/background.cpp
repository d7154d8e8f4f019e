#include "ui/bridge/background.h"

namespace rlcm::ui {

Generation::Token Generation::token() const {
    Token token;
    token.m_newest = m_newest;
    token.m_mine = m_newest->load();
    return token;
}

Generation::Token Generation::renew() {
    m_newest->fetch_add(1);
    return token();
}

BackgroundThreads::BackgroundThreads(int count, QObject* parent) : QObject(parent) {
    m_pool.setMaxThreadCount(count);
    m_pool.setExpiryTimeout(-1);
}

BackgroundThreads::~BackgroundThreads() {
    m_pool.waitForDone();
}

void BackgroundThreads::start(std::function<void()> task) {
    m_pool.start(std::move(task));
}

void BackgroundThreads::deliver(const QPointer<QObject>& receiver, const Generation::Token& token, std::function<void()> delivery) {
    // Posted to this object, which outlives its tasks; whether the receiver still lives is looked at on its own thread.
    QMetaObject::invokeMethod(
        this,
        [receiver, token, delivery = std::move(delivery)] {
            if (receiver && token.isCurrent() && delivery) {
                delivery();
            }
        },
        Qt::QueuedConnection);
}

}  // namespace rlcm::ui
