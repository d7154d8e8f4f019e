#include "core/rewards/descriptor.h"

#include <unistd.h>

namespace rlcm::rewards {

void Descriptor::reset(int fd) {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
    m_fd = fd;
}

}  // namespace rlcm::rewards
