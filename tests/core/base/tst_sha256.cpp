// Digests against the examples of FIPS 180-4 and files of several pieces.
#include <fstream>

#include <QtTest>

#include <QTemporaryDir>

#include "core/base/error.h"
#include "core/base/sha256.h"

using namespace rlcm;

class TestSha256 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void examplesOfTheStandard() {
        QCOMPARE(sha256Hex(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(sha256Hex("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                 std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    }
    void piecesMakeTheSameDigest() {
        Sha256 digest;
        digest.update("a");
        digest.update("bc");
        QCOMPARE(digest.hex(), sha256Hex("abc"));
    }
    void fileOfSeveralPieces() {
        const QTemporaryDir folder;
        const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "bytes";
        const std::string bytes(3'000'001, 'x');
        std::ofstream(file, std::ios::binary) << bytes;
        QCOMPARE(sha256OfFile(file), sha256Hex(bytes));
        QVERIFY_EXCEPTION_THROWN(sha256OfFile(file.string() + ".none"), Error);
    }
};

QTEST_APPLESS_MAIN(TestSha256)
#include "tst_sha256.moc"
