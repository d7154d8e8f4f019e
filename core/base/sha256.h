#pragma once
// SHA-256 by OpenSSL's libcrypto: what tells whether a file is still the one that was written.
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace rlcm {

/// A digest in the making. Not thread safe.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;

    void update(const void* data, std::size_t size);
    void update(std::string_view bytes) { update(bytes.data(), bytes.size()); }
    /// 64 lower-case hexadecimal digits. Nothing may be added afterwards.
    std::string hex();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Digest of some bytes, as Sha256::hex().
std::string sha256Hex(std::string_view bytes);
/// Digest of a file, read in pieces. throws: Io when it cannot be read.
std::string sha256OfFile(const std::filesystem::path& file);

}  // namespace rlcm
