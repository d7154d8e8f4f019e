#include "core/base/descriptor.h"

#include <unistd.h>

namespace rlcm {

void Descriptor::reset(int fd) {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
    m_fd = fd;
}

}  // namespace rlcm
