#include <QtTest>

#include <filesystem>
#include <string>

#include <csignal>
#include <sys/resource.h>

#include <QTemporaryDir>

#include "core/base/error.h"
#include "core/base/files.h"

namespace fs = std::filesystem;
using rlcm::ErrorKind;

/// Files of this process may not grow beyond so many bytes.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit now{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit m_before{};
};

class TestFiles : public QObject {
    Q_OBJECT
private:
    static std::size_t filesIn(const fs::path& folder) {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }
    template <typename Action>
    static bool failsWith(ErrorKind kind, const Action& action) {
        try {
            action();
        } catch (const rlcm::Error& problem) {
            return problem.kind() == kind;
        }
        return false;
    }

private Q_SLOTS:
    void writtenBytesComeBackAndNothingElseIsLeft() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString(), file = folder / "a.bin";
        const std::string bytes("\0\xFF line\r\n", 9);
        rlcm::writeFileAtomically(file, "old content that is longer");
        rlcm::writeFileAtomically(file, bytes);
        QCOMPARE(rlcm::readFile(file), bytes);
        rlcm::writeFileAtomically(file, "");
        QCOMPARE(rlcm::readFile(file), std::string());
        QCOMPARE(filesIn(folder), std::size_t{1});
    }

    void failedWriteLeavesTheOldStateAndNoTemporaryFile() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        fs::create_directories(folder / "taken" / "inner");
        QVERIFY(failsWith(ErrorKind::Io, [&] { rlcm::writeFileAtomically(folder / "taken", "x"); }));
        QVERIFY(failsWith(ErrorKind::Io, [&] { rlcm::writeFileAtomically(folder / "absent" / "f", "x"); }));
        QVERIFY(fs::is_directory(folder / "taken" / "inner"));
        QCOMPARE(filesIn(folder), std::size_t{1});
    }

    void aFullDiskKeepsTheOldFileAndSaysWhy() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString(), file = folder / "figure.pdf";
        rlcm::writeFileAtomically(file, "old");
        const FullDisk full(100);
        try {
            rlcm::writeFileAtomically(file, std::string(1000, 'x'));
            QFAIL("written beyond the limit");
        } catch (const rlcm::Error& problem) {
            QVERIFY(std::string(problem.what()).starts_with("cannot write " + file.string() + ": "));
        }
        QCOMPARE(rlcm::readFile(file), std::string("old"));
        QCOMPARE(filesIn(folder), std::size_t{1});
    }

    void devicesAreWrittenIntoAndNotReplaced() {
        try {
            rlcm::writeFileAtomically("/dev/full", "x");
            QFAIL("/dev/full takes nothing");
        } catch (const rlcm::Error& problem) {
            QVERIFY2(QByteArray(problem.what()).contains("No space left on device. Free some space"), problem.what());
        }
        QVERIFY(fs::is_character_file("/dev/full"));
        rlcm::writeFileAtomically("/dev/null", "x");
        QVERIFY(fs::is_character_file("/dev/null"));
    }

    void linksStayAndTheirTargetsKeepTheirPermissions() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        fs::create_directories(folder / "real");
        rlcm::writeFileAtomically(folder / "real" / "f", "old");
        fs::permissions(folder / "real" / "f", fs::perms::owner_read | fs::perms::owner_write);
        fs::create_symlink("real/f", folder / "link");
        rlcm::writeFileAtomically(folder / "link", "new");
        QVERIFY(fs::is_symlink(folder / "link"));
        QCOMPARE(rlcm::readFile(folder / "real" / "f"), std::string("new"));
        QCOMPARE(fs::status(folder / "real" / "f").permissions(), fs::perms::owner_read | fs::perms::owner_write);
        QCOMPARE(filesIn(folder / "real"), std::size_t{1});
    }

    void theLongestNamesCanBeWritten() {
        const QTemporaryDir place;
        const fs::path file = fs::path(place.path().toStdString()) / std::string(255, 'n');
        rlcm::writeFileAtomically(file, "x");
        QCOMPARE(rlcm::readFile(file), std::string("x"));
    }

    void readingRefusesMissingLargeAndIrregularFiles() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString(), file = folder / "f";
        rlcm::writeFileAtomically(file, "12345");
        QVERIFY(failsWith(ErrorKind::Io, [&] { rlcm::readFile(folder / "absent"); }));
        QVERIFY(failsWith(ErrorKind::Io, [&] { rlcm::readFile(folder); }));
        QVERIFY(failsWith(ErrorKind::Format, [&] { rlcm::readFile(file, 4); }));
        QCOMPARE(rlcm::readFile(file, 5), std::string("12345"));
    }

    void namesThatLeaveTheFolderAreRefused_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"", "..", "../x", "a/../../x", "/etc/passwd", "a/.."}) {
            QTest::newRow(name) << QByteArray(name);
        }
        QTest::newRow("NUL") << QByteArray("a\0b", 3);
    }
    void namesThatLeaveTheFolderAreRefused() {
        QFETCH(QByteArray, name);
        QVERIFY(failsWith(ErrorKind::Format, [&] { rlcm::insideFolder("/base", name.toStdString()); }));
    }

    void plainNamesStayInTheFolder() { QCOMPARE(rlcm::insideFolder("/base", "a/b..c.safetensors").string(), std::string("/base/a/b..c.safetensors")); }

    void resourceFolderFollowsTheEnvironment() {
        const QByteArray before = qgetenv("RLCM_RESOURCES");
        qputenv("RLCM_RESOURCES", "/somewhere");
        QCOMPARE(rlcm::resourceFolder().string(), std::string("/somewhere"));
        qputenv("RLCM_RESOURCES", before);
        QVERIFY(fs::is_directory(rlcm::resourceFolder() / "models"));
    }
};

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
