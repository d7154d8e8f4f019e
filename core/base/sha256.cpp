#include "core/base/sha256.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "core/base/descriptor.h"
#include "core/base/error.h"

namespace rlcm {

struct Sha256::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Impl() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : m_impl(std::make_unique<Impl>()) {
    ensure(m_impl->context != nullptr && EVP_DigestInit_ex(m_impl->context, EVP_sha256(), nullptr) == 1, "libcrypto has SHA-256");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

void Sha256::update(const void* data, std::size_t size) {
    ensure(EVP_DigestUpdate(m_impl->context, data, size) == 1, "a digest takes bytes until its end");
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    ensure(EVP_DigestFinal_ex(m_impl->context, bytes.data(), &size) == 1, "a digest ends once");
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += kDigits[bytes[i] >> 4U];
        text += kDigits[bytes[i] & 15U];
    }
    return text;
}

std::string sha256Hex(std::string_view bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.hex();
}

std::string sha256OfFile(const std::filesystem::path& file) {
    const auto fail = [&]() { throw Error(ErrorKind::Io, "cannot read " + file.string() + ": " + std::strerror(errno)); };
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.isOpen()) {
        fail();
    }
    Sha256 digest;
    std::vector<char> piece(std::size_t{1} << 20);
    while (const ssize_t got = ::read(fd.get(), piece.data(), piece.size())) {
        if (got > 0) {
            digest.update(piece.data(), static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            fail();
        }
    }
    return digest.hex();
}

}  // namespace rlcm
