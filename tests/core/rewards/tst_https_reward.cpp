// A server behind TLS: trusted only with a certificate that the system knows, made out to its name.
#include <QtTest>

#include <cstdlib>
#include <thread>

#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/base/error.h"
#include "core/rewards/http_reward.h"
#include "tests/core/rewards/reward_errors.h"

using namespace rlcm;
using rlcm::test::messageOf;
using rlcm::test::verifyHolds;
using namespace rlcm::rewards;

namespace {

/// A key and a certificate for it, signed by itself and made out to `name` ("IP:127.0.0.1" or "DNS:...").
struct Identity {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    explicit Identity(const std::string& name) {
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* subject = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("rlcm test"), -1, -1, 0);
        X509_set_issuer_name(certificate, subject);
        X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
        X509_add_ext(certificate, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(certificate, key, EVP_sha256());
    }
    ~Identity() {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    /// From now on the system, for this process, trusts only this one.
    void trust(const QString& file) const {
        FILE* out = std::fopen(file.toLocal8Bit().constData(), "w");
        PEM_write_X509(out, certificate);
        std::fclose(out);
        ::setenv("SSL_CERT_FILE", file.toLocal8Bit().constData(), 1);
    }
};

class TlsServer {
public:
    explicit TlsServer(const Identity& identity) : m_server(identity.certificate, identity.key) {
        m_server.Get("/v1/info", [](const httplib::Request&, httplib::Response& response) {
            response.set_content(R"({"name":"safe","max_batch":16})", "application/json");
        });
        m_server.Post("/v1/score", [](const httplib::Request& request, httplib::Response& response) {
            const std::string asked = request.get_file_value("request").content;
            const std::size_t at = asked.find("\"request_id\":\"") + 14;
            response.set_content("{\"request_id\":\"" + asked.substr(at, asked.find('"', at) - at) + "\",\"scores\":[1.5]}", "application/json");
        });
        m_port = m_server.bind_to_any_port("127.0.0.1");
        m_thread = std::thread([this] { m_server.listen_after_bind(); });
        while (!m_server.is_running()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    ~TlsServer() {
        m_server.stop();
        m_thread.join();
    }
    std::string url(const std::string& host = "127.0.0.1") const { return "https://" + host + ":" + std::to_string(m_port); }

private:
    httplib::SSLServer m_server;
    int m_port = 0;
    std::thread m_thread;
};

run::RewardConfig configFor(const std::string& url) {
    run::RewardConfig config;
    config.terms = "server";
    config.serverUrl = url;
    config.serverTimeout = 10;
    return config;
}

std::string contact(const std::string& url) {
    return messageOf([&] { HttpReward(configFor(url), "", [](log::Level, const std::string&) {}); });
}

}  // namespace

class TestHttpsReward : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_folder.isValid()); }
    void aTrustedServerGivesScores() {
        const Identity identity("IP:127.0.0.1,DNS:localhost");
        identity.trust(m_folder.filePath(QStringLiteral("own.pem")));
        const TlsServer server(identity);
        for (const char* host : {"127.0.0.1", "localhost"}) {
            const HttpReward reward(configFor(server.url(host)), "", [](log::Level, const std::string&) {});
            for (std::uint8_t shade = 0; shade < 3; ++shade) {  // over one connection
                const image::Rgb8Image image{.width = 8, .height = 4, .pixels = std::vector<std::uint8_t>(96, shade)};
                QCOMPARE(reward.score({image}, {"a fox"}), std::vector<double>{1.5});
            }
        }
    }
    void aStrangerIsRefused() {
        const Identity known("IP:127.0.0.1"), stranger("IP:127.0.0.1");
        known.trust(m_folder.filePath(QStringLiteral("known.pem")));
        const TlsServer server(stranger);
        verifyHolds(contact(server.url()), {server.url(), "its TLS certificate is not trusted by this system"});
    }
    void aCertificateOfAnotherNameIsRefused() {
        const Identity identity("DNS:elsewhere.example.org,IP:127.0.0.2");
        identity.trust(m_folder.filePath(QStringLiteral("other.pem")));
        const TlsServer server(identity);
        verifyHolds(contact(server.url()), {"its TLS certificate is not trusted by this system"});
        verifyHolds(contact(server.url("localhost")), {"its TLS certificate is not trusted by this system"});
    }
    void aServerWithoutTlsIsSaid() {
        httplib::Server plain;
        const int port = plain.bind_to_any_port("127.0.0.1");
        std::thread thread([&] { plain.listen_after_bind(); });
        while (!plain.is_running()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        const std::string message = contact("https://127.0.0.1:" + std::to_string(port));
        plain.stop();
        thread.join();
        verifyHolds(message, {"it does not speak TLS (https) there"});
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestHttpsReward)
#include "tst_https_reward.moc"
