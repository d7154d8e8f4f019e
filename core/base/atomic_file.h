#pragma once
// Crash-safe writing of a file that need not lie in memory as a whole.
#include <filesystem>
#include <string_view>

namespace rlcm {

/// A file in the making beside the one that it replaces. After a crash either the old or the new content is there. Dropped, and
/// its temporary file removed, unless commit() was reached. A link stays and its target is replaced; devices and pipes are
/// written into. thread: one at a time.
class AtomicFile {
public:
    /// throws: Io with the system's reason and what helps; so do the others.
    explicit AtomicFile(std::filesystem::path file);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Appends. throws: Io.
    void write(std::string_view bytes);
    /// fsync, close, rename over the file, fsync of the folder. Nothing may follow. throws: Io.
    void commit();

private:
    std::filesystem::path m_file, m_written;
    bool m_isReplacing = false;  ///< m_written is a temporary file that is still there
    int m_fd = -1;
};

}  // namespace rlcm
