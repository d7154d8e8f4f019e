#pragma once

namespace rlcm::ui {

/// Of a read that may be asked for at any time one is under way at most, and what is asked for meanwhile is done once afterwards. thread: GUI.
class MergedRead {
public:
    /// Something is to be read anew. True: begin now; false: not while one is under way, nor unless `canBegin`; it stays wanted.
    bool ask(bool canBegin = true) {
        m_isWanted = true;
        if (m_isUnderWay || !canBegin) {
            return false;
        }
        m_isWanted = false;
        m_isUnderWay = true;
        return true;
    }
    /// What is under way will not be enough.
    void want() { m_isWanted = true; }
    /// The one under way has come back or has failed; ask again if another is wanted.
    void finish() { m_isUnderWay = false; }
    bool isUnderWay() const { return m_isUnderWay; }
    bool isWanted() const { return m_isWanted; }

private:
    bool m_isUnderWay = false, m_isWanted = false;
};

}  // namespace rlcm::ui
