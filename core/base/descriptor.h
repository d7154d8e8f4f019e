#pragma once

namespace rlcm {

/// An owned file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : m_fd(fd) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }
    /// Closes what it owned.
    void reset(int fd = -1);

private:
    int m_fd;
};

}  // namespace rlcm
