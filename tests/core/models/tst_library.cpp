// The list of models that have names: adding, copying, removing, and finding them again from any process.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <functional>
#include <memory>
#include <thread>

#include "core/base/error.h"
#include "core/models/library.h"
#include "core/run/model_registry.h"
#include "tests/core/models/model_folder.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

const fs::path kEmoji = fs::path(RLCM_SOURCE_DIR) / "resources/models/emoji-lcm";

std::string messageOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

bool has(const std::string& text, const char* word) {
    return text.find(word) != std::string::npos;
}

}  // namespace

class TestLibrary : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_data = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", m_data->path().toUtf8());
    }
    void bundledModelsAreAlwaysThere();
    void anAddedModelIsFoundByName();
    void namesAreMadeCheckedAndKeptApart();
    void aCopyStandsAloneAndGoesWithItsName();
    void whatIsNoModelIsRefused();
    void aBrokenListIsNamedAndDoesNotHideOtherModels();
    void manyWritersLoseNothing();

private:
    fs::path file() const { return fs::path(m_data->path().toStdString()) / "rlcm-workbench/models.json"; }
    std::unique_ptr<QTemporaryDir> m_data;
};

void TestLibrary::bundledModelsAreAlwaysThere() {
    const auto library = models::makeModelLibrary();
    const std::vector<run::ModelEntry> entries = library->list();
    QCOMPARE(entries.size(), std::size_t{4});
    QVERIFY(std::all_of(entries.begin(), entries.end(), [](const run::ModelEntry& one) { return one.isBundled; }));
    QVERIFY(!fs::exists(file()));  // looking writes nothing
    QVERIFY(library->inspect("emoji-sd").isBundled);
    QVERIFY(has(messageOf([&] { library->remove("emoji-sd"); }), "bundled"));
    QVERIFY(has(messageOf([&] { library->remove("nobody"); }), "nobody"));
    QVERIFY(run::modelFolder("emoji-sd/") == run::bundledModels()[3].folder);
}

void TestLibrary::anAddedModelIsFoundByName() {
    const auto library = models::makeModelLibrary();
    const run::ModelEntry entry = library->add(kEmoji.string() + "/", "mine", false);
    QCOMPARE(entry.folder.string(), kEmoji.string());
    QVERIFY(!entry.isCopy);
    QCOMPARE(run::modelFolder("mine").string(), kEmoji.string());
    QCOMPARE(models::makeModelLibrary()->list().back().name, std::string("mine"));
    QCOMPARE(library->inspect("mine").resolution, 64);
    library->remove("mine");
    QVERIFY(fs::exists(kEmoji / "model_index.json"));
    const std::string message = messageOf([] { run::modelFolder("mine"); });
    QVERIFY(has(message, "neither a known model nor a folder") && has(message, "emoji-lcm"));
    QVERIFY(has(messageOf([] { run::modelFolder("emoji-lmc"); }), "did you mean emoji-lcm?"));
}

void TestLibrary::namesAreMadeCheckedAndKeptApart() {
    const auto library = models::makeModelLibrary();
    const QTemporaryDir place;
    const fs::path base(place.path().toStdString());
    fs::create_directories(base / "a");
    fs::create_directories(base / "models--SimianLuo--LCM_Dreamshaper_v7/snapshots");
    fs::copy(kEmoji, base / "a/my model", fs::copy_options::recursive);
    fs::copy(kEmoji, base / "emoji-lcm", fs::copy_options::recursive);
    fs::copy(kEmoji, base / "models--SimianLuo--LCM_Dreamshaper_v7/snapshots/4f8e", fs::copy_options::recursive);
    QCOMPARE(library->add(base / "a/my model", "", false).name, std::string("my-model"));
    QCOMPARE(library->add(base / "a/my model", "", false).name, std::string("my-model"));  // the same again
    QCOMPARE(library->add(base / "emoji-lcm", "", false).name, std::string("emoji-lcm-2"));
    QCOMPARE(library->add(base / "models--SimianLuo--LCM_Dreamshaper_v7/snapshots/4f8e", "", false).name, std::string("LCM_Dreamshaper_v7"));
    QVERIFY(has(messageOf([&] { library->add(kEmoji, "my-model", false); }), "belongs to"));
    QVERIFY(has(messageOf([&] { library->add(kEmoji, "emoji-sd", false); }), "bundled"));
    for (const char* bad : {"../x", "a/b", "-x", ".x", "a b", "\xc3\xa4"}) {
        QVERIFY2(has(messageOf([&] { library->add(kEmoji, bad, false); }), "cannot be used"), bad);
    }
    QCOMPARE(run::addedModels().size(), std::size_t{3});
}

void TestLibrary::aCopyStandsAloneAndGoesWithItsName() {
    const auto library = models::makeModelLibrary();
    const QTemporaryDir place;
    const fs::path base(place.path().toStdString());
    fs::copy(kEmoji, base / "linked", fs::copy_options::recursive);
    fs::rename(base / "linked/unet/config.json", base / "blob");
    fs::create_symlink(base / "blob", base / "linked/unet/config.json");  // as in a download cache
    fs::create_directory_symlink(base, base / "linked/loop");
    const run::ModelEntry entry = library->add(base / "linked", "kept", true);
    QVERIFY(entry.isCopy);
    QVERIFY(entry.folder == file().parent_path() / "models/kept");
    fs::remove_all(base / "linked");
    fs::remove(base / "blob");
    QVERIFY(library->inspect("kept").problems.empty());
    library->remove("kept");
    QVERIFY(!fs::exists(entry.folder));
    QVERIFY(fs::exists(file()));
}

void TestLibrary::whatIsNoModelIsRefused() {
    const auto library = models::makeModelLibrary();
    const QTemporaryDir place;
    QVERIFY(has(messageOf([&] { library->add(place.path().toStdString(), "", false); }), "holds no model"));
    QVERIFY(has(messageOf([&] { library->add(place.path().toStdString() + "/gone", "", false); }), "there is no folder"));
    QVERIFY(!fs::exists(file()));
}

void TestLibrary::aBrokenListIsNamedAndDoesNotHideOtherModels() {
    for (const char* text : {"{", "[]", R"({"models": [{"name": "x"}]})", R"({"models": [{"name": "../x", "folder": "/tmp"}]})",
                             R"({"models": [{"name": "x", "folder": "relative"}]})"}) {
        writeText(file(), text);
        QVERIFY2(has(messageOf([] { run::addedModels(); }), "models.json"), text);
        QVERIFY(fs::exists(run::modelFolder("emoji-lcm")));
        QVERIFY(run::modelFolder(kEmoji.string()) == kEmoji);
        QVERIFY(!messageOf([] { run::rememberModel({"new", kEmoji, false, false}); }).empty());
        QCOMPARE(readFile(file()), std::string(text));  // what cannot be read is not overwritten
    }
}

void TestLibrary::manyWritersLoseNothing() {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([i] {
            for (int k = 0; k < 5; ++k) {
                run::rememberModel({"m" + std::to_string(i) + std::to_string(k), kEmoji, false, false});
            }
        });
    }
    writers.clear();
    QCOMPARE(run::addedModels().size(), std::size_t{20});
}

QTEST_GUILESS_MAIN(TestLibrary)
#include "tst_library.moc"
