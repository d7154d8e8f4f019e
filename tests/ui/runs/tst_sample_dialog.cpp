// Images and LoRA of a run after its training, through a program that stands for `rlcm`.
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QImage>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <utility>

#include "tests/support/temp_workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/sample_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using namespace rlcm::ui;

namespace {
constexpr int kWaitMs = 20000;

QString textOf(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
}
}  // namespace

class TestSampleDialog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qApp, Mode::Light); }
    void init() {
        m_workspace = std::make_unique<test::TempWorkspace>();
        m_run = m_workspace->addRun(test::smallConfig(12, 4, 3));
        m_tools = std::make_unique<QTemporaryDir>();
        m_service = std::make_unique<StoreService>(m_workspace->path());
        QImage picture(64, 64, QImage::Format_RGB32);
        picture.fill(Qt::red);
        picture.save(m_tools->filePath(QStringLiteral("picture.png")));
    }
    void cleanup() {
        delete std::exchange(m_dialog, nullptr);
        m_service.reset();
    }

    void imagesOfAnyPromptsAreMadeWithACheckpoint() {
        open(QStringLiteral("0"));
        QCOMPARE(part<QComboBox>("sampleEpoch")->itemData(0).toInt(), 12);
        QVERIFY2(part<QPlainTextEdit>("samplePrompts")->toPlainText().startsWith(QStringLiteral("an animal 0\n")), "the evaluation set's to begin with");
        QCOMPARE(part<QSpinBox>("sampleSteps")->value(), 4);
        QVERIFY(!part<QPushButton>("saveImages")->isEnabled());
        part<QPlainTextEdit>("samplePrompts")->setPlainText(QStringLiteral("a blue owl\n\n  --two words \n"));
        part<QSpinBox>("sampleSeed")->setValue(7);
        QTest::mouseClick(part<QPushButton>("makeImages"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(part<QListWidget>("madeImages")->count(), 2, kWaitMs);
        QCOMPARE(part<QListWidget>("madeImages")->item(1)->text(), QStringLiteral("--two words"));
        const QStringList asked = textOf(m_tools->filePath(QStringLiteral("asked"))).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(asked.size(), 2);
        for (const char* words : {"export --workspace", "--lora --epoch 12", "--format kohya"}) {
            QVERIFY2(asked[0].contains(QLatin1String(words)), qPrintable(asked[0]));
        }
        for (const char* words : {"sample --model emoji-lcm", "--prompt=a blue owl --prompt=--two words", "--steps 4", "--seed 7", "--timestep-rule rlcm"}) {
            QVERIFY2(asked[1].contains(QLatin1String(words)), qPrintable(asked[1]));
        }
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            m_dialog->grab().save(folder + QStringLiteral("/samples.png"));
        }
        const QTemporaryDir pictures;
        FileDialog::answerNext(pictures.path());
        QTest::mouseClick(part<QPushButton>("saveImages"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(QDir(pictures.path()).entryList({QStringLiteral("*-1.png")}).size(), 1, kWaitMs);
        QCOMPARE(QDir(pictures.path()).entryList({QStringLiteral("*.png")}).size(), 2);
    }
    void theLoraIsSavedInTheFormatChosen() {
        open(QStringLiteral("0"));
        part<QComboBox>("loraFormat")->setCurrentIndex(1);
        const QString file = m_tools->filePath(QStringLiteral("mine.peft.safetensors"));
        FileDialog::answerNext(file);
        QTest::mouseClick(part<QPushButton>("saveLora"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(file), kWaitMs);
        const QString asked = textOf(m_tools->filePath(QStringLiteral("asked")));
        QVERIFY2(asked.contains(QStringLiteral("--format peft --out ") + file), qPrintable(asked));
        QCOMPARE(asked.count(QLatin1Char('\n')), 1);
    }
    void whatGoesWrongIsSaid() {
        open(QStringLiteral("3"));
        QTest::mouseClick(part<QPushButton>("makeImages"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(message(), QStringLiteral("no room left"), kWaitMs);
        QVERIFY(part<QPushButton>("makeImages")->isEnabled());
        QCOMPARE(part<QListWidget>("madeImages")->count(), 0);
    }
    void aProgramThatIsNotThereIsSaid() {
        open(QStringLiteral("0"), QStringLiteral("/no/such/rlcm"));
        QTest::mouseClick(part<QPushButton>("makeImages"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(QStringLiteral("/no/such/rlcm cannot be started")), kWaitMs);
    }
    void withoutACheckpointThereIsNothingToDo() {
        for (const store::CheckpointRow& checkpoint : store::StoreReader(m_workspace->path()).checkpoints(m_run)) {
            std::filesystem::remove_all(checkpoint.folder);
        }
        open(QStringLiteral("0"), {}, false);
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(QStringLiteral("No checkpoint")), kWaitMs);
        QVERIFY(!part<QPushButton>("makeImages")->isEnabled() && !part<QPushButton>("saveLora")->isEnabled());
    }

private:
    /// The program writes down what it is asked, and puts a picture for each prompt where it shall; `code`: how it ends.
    void open(const QString& code, const QString& other = {}, bool hasCheckpoints = true) {
        const QString program = m_tools->filePath(QStringLiteral("rlcm"));
        QFile file(program);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QStringLiteral("#!/bin/sh\necho \"$@\" >> '%1/asked'\nn=0\nout=\nfor a in \"$@\"; do\n  case \"$a\" in --prompt=*) n=$((n+1));; esac\n  [ "
                                  "\"$last\" = --out ] && out=$a\n"
                                  "  last=$a\ndone\nif [ %2 != 0 ]; then echo 'no room left' >&2; exit %2; fi\nif [ $1 = sample ]; then\n  mkdir -p \"$out\"\n"
                                  "  while [ $n -gt 0 ]; do n=$((n-1)); cp '%1/picture.png' \"$out/00$n.png\"; done\nfi\n")
                       .arg(m_tools->path(), code)
                       .toUtf8());
        file.close();
        QFile::setPermissions(program, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        m_dialog = new SampleDialog(*m_service, store::StoreReader(m_workspace->path()).run(m_run).value(), other.isEmpty() ? program : other);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        m_dialog->show();
        QTRY_VERIFY_WITH_TIMEOUT(!hasCheckpoints || part<QPushButton>("makeImages")->isEnabled(), kWaitMs);
    }
    template <typename Widget>
    Widget* part(const char* name) {
        return m_dialog->findChild<Widget*>(QLatin1String(name));
    }
    QString message() { return m_dialog->findChild<MessageBar*>()->text(); }

    std::unique_ptr<test::TempWorkspace> m_workspace;
    run::RunId m_run;
    std::unique_ptr<QTemporaryDir> m_tools;
    std::unique_ptr<StoreService> m_service;
    SampleDialog* m_dialog = nullptr;
};

QTEST_MAIN(TestSampleDialog)
#include "tst_sample_dialog.moc"
