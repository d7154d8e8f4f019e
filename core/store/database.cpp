#include "core/store/database.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/store/migrations.h"
#include "core/store/patience.h"
#include "core/store/recorded.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMs = 5000;
constexpr int kApplicationId = 0x524C434D;  // set by the first migration

/// Why the file cannot be opened, as the system puts it; "" when it can.
std::string openReason(const fs::path& file, int flags) {
    const int fd = ::open(file.c_str(), flags | O_CLOEXEC, 0644);
    if (fd < 0) {
        return std::strerror(errno);
    }
    ::close(fd);
    return {};
}

int pragma(SQLite::Database& database, const char* name) {
    return database.execAndGet(std::string("PRAGMA ") + name).getInt();
}

/// Changing the journal mode does not always wait for other connections, so it is tried until the busy time
/// is over.
void switchToWal(SQLite::Database& database) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMs);
    while (true) {
        try {
            database.exec("PRAGMA journal_mode = WAL");
            return;
        } catch (const SQLite::Exception& error) {
            const bool isBusy = error.getErrorCode() == SQLITE_BUSY || error.getErrorCode() == SQLITE_LOCKED;
            if (!isBusy || std::chrono::steady_clock::now() > end) {
                throw;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

/// What a database says of itself, all at one moment: another process may be making its tables.
struct Identity {
    int version = 0, application = 0, tables = 0;
};

Identity identityOf(SQLite::Database& database) {
    SQLite::Statement row(database,
                          "SELECT v.user_version, a.application_id, (SELECT COUNT(*) FROM sqlite_schema) "
                          "FROM pragma_user_version v, pragma_application_id a");
    row.executeStep();
    return {row.getColumn(0).getInt(), row.getColumn(1).getInt(), row.getColumn(2).getInt()};
}

void refuseForeign(const Identity& found, const fs::path& file) {
    const int newest = static_cast<int>(migrations().size());
    if (found.version > newest) {
        fail("the workspace " + file.parent_path().string() + " has version " + std::to_string(found.version) + ", this program knows up to " +
             std::to_string(newest) + ". Use a newer program.");
    }
    if (found.version > 0 ? found.application != kApplicationId : found.tables > 0) {
        fail(file.string() + " is a database of another program; choose another folder as workspace");
    }
}

/// An empty database beside folders of runs has lost its rows: new runs would take the old folders for their own.
void refuseLostRows(const fs::path& workspace) {
    std::error_code absent;
    std::size_t count = 0;
    std::string first;
    for (const auto& entry : fs::directory_iterator(workspace / "runs", absent)) {
        const std::string name = entry.path().filename().string();
        first = first.empty() || name < first ? name : first;
        ++count;
    }
    if (count > 0) {
        fail("the workspace " + workspace.string() + " has folders of runs (" + std::to_string(count) + ", as runs/" + first + "), but " +
             databaseFile(workspace).filename().string() +
             " is missing or empty. Put the database back from a copy, or move the folder runs away to start afresh.");
    }
}

void migrate(SQLite::Database& database, const fs::path& file) {
    const auto all = migrations();
    while (pragma(database, "user_version") < static_cast<int>(all.size())) {
        inTransaction(database, "bring the workspace to the current version", [&] {
            // Asked again under the write lock: another process may have applied it meanwhile.
            const Identity found = identityOf(database);
            refuseForeign(found, file);
            const int version = found.version;
            if (version == 0) {
                refuseLostRows(file.parent_path());
            }
            if (version < static_cast<int>(all.size())) {
                database.exec(std::string(all[static_cast<std::size_t>(version)]));
                database.exec("PRAGMA user_version = " + std::to_string(version + 1));
            }
        });
    }
}

std::string sqliteReason(SQLite::Database& database, const SQLite::Exception& error, int lastErrno) {
    const int code = error.getErrorCode();
    std::string reason = error.what();
    if (code == SQLITE_NOTADB) {
        return "the file is not a workspace database";
    }
    if (code == SQLITE_BUSY) {
        return "another process keeps it locked";
    }
    // SQLite forgets the system's reason when a failed write rolls back by itself; errno still has it.
    const int kept = sqlite3_system_errno(database.getHandle());
    const int system = kept != 0 ? kept : lastErrno;
    if (system != 0 && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)) {
        reason += std::string(": ") + std::strerror(system);
    }
    return reason;
}

std::unique_ptr<SQLite::Database> openExisting(const std::string& name, int flags, const fs::path& file) {
    std::unique_ptr<SQLite::Database> database;
    try {
        database = std::make_unique<SQLite::Database>(name, flags, kBusyMs);
    } catch (const SQLite::Exception& error) {
        const std::string reason = openReason(file, (flags & SQLite::OPEN_READONLY) != 0 ? O_RDONLY : O_RDWR | O_CREAT);
        fail("cannot open " + file.string() + ": " + (reason.empty() ? error.what() : reason));
    }
    return database;
}

/// A percent-encoded file name for SQLite's URI form.
std::string fileUri(const fs::path& file) {
    std::string uri = "file:";
    for (const char c : fs::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#') {
            char code[8];
            std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(c));
            uri += code;
        } else {
            uri += c;
        }
    }
    return uri;
}

void checkReadable(SQLite::Database& database, const fs::path& file) {
    guarded(database, "read the workspace", [&] {
        const Identity found = identityOf(database);
        const int version = found.version;
        refuseForeign(found, file);
        if (version < static_cast<int>(migrations().size())) {
            fail("the workspace " + file.parent_path().string() + " has version " + std::to_string(version) + ", this program reads " +
                 std::to_string(migrations().size()) + ". Open it once for writing to bring it up to date.");
        }
        database.execAndGet("SELECT COUNT(*) FROM metric");
    });
}

/// Whether this process may make the files that SQLite wants beside a database.
bool canWriteIn(const fs::path& folder) {
    return ::access(folder.c_str(), W_OK) == 0;
}

/// A copy of a workspace whose newest rows are still in the write-ahead log, in a folder where SQLite cannot work on it.
void refuseUnreadableLog(const fs::path& file) {
    const fs::path log = file.string() + "-wal";
    std::error_code absent;
    if (fs::exists(log, absent) && fs::file_size(log, absent) > 0) {
        fail("the newest rows of " + file.string() + " are in " + log.filename().string() + ", which cannot be read where " + file.parent_path().string() +
             " cannot be written. Copy the workspace to a folder that can be written.");
    }
}

/// A connection that reads the workspace as it is. throws: Store.
std::unique_ptr<SQLite::Database> openAsItIs(const std::string& name, int flags, const fs::path& file) {
    auto database = openExisting(name, SQLite::OPEN_READONLY | flags, file);
    checkReadable(*database, file);
    return database;
}

}  // namespace

void fail(const std::string& message) {
    throw Error(ErrorKind::Store, message);
}

bool isRecorded(const fs::path& workspace) {
    std::error_code absent;
    return fs::is_regular_file(workspace / "recorded", absent);
}

fs::path databaseFile(const fs::path& workspace) {
    return workspace / "workspace.sqlite";
}

std::unique_ptr<SQLite::Database> openForWriting(const fs::path& workspace, Patience patience) {
    if (isRecorded(workspace)) {
        fail("the workspace " + workspace.string() + " is a record of finished runs and is only read. Choose another folder for runs of your own.");
    }
    try {
        makeFolders(fs::absolute(workspace) / "runs");
    } catch (const Error& error) {
        fail("cannot create the workspace " + workspace.string() + ": " + error.what() + ". Choose a folder that can be written.");
    }
    const fs::path file = databaseFile(fs::absolute(workspace));
    auto database = openExisting(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, file);
    guarded(*database, "open the workspace", [&] {
        setPatience(*database, patience);
        refuseForeign(identityOf(*database), file);
        switchToWal(*database);
        // What is committed is on the disk: rows and checkpoints never disagree after a loss of power.
        database->exec("PRAGMA synchronous = FULL");
        database->exec("PRAGMA foreign_keys = ON");
        migrate(*database, file);
    });
    return database;
}

std::unique_ptr<SQLite::Database> openForReading(const fs::path& workspace) {
    const fs::path file = databaseFile(workspace);
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        fail("the folder " + workspace.string() + " holds no workspace (there is no " + file.filename().string() + " in it)");
    }
    if (isRecorded(workspace)) {
        return openAsItIs(fileUri(file) + "?immutable=1", SQLite::OPEN_URI, file);
    }
    const bool isWritable = canWriteIn(workspace);
    try {
        return openAsItIs(file.string(), 0, file);
    } catch (const Error&) {
        if (!isWritable) {
            refuseUnreadableLog(file);
            // Reading a WAL database needs a shared-memory file beside it. Where none can be made and none is there,
            // nobody writes, so the file may be taken as it is.
            return openAsItIs(fileUri(file) + "?immutable=1", SQLite::OPEN_URI, file);
        }
    }
    // Finishes what a killed process left half done: a workspace in the making, a transaction to roll back, an older version.
    openForWriting(workspace, Patience::Brief);
    return openAsItIs(file.string(), 0, file);
}

void guarded(SQLite::Database& database, std::string_view what, const std::function<void()>& work) {
    errno = 0;
    try {
        work();
    } catch (const SQLite::Exception& error) {
        const int lastErrno = errno;
        fail("cannot " + std::string(what) + ": " + sqliteReason(database, error, lastErrno) + " (" + database.getFilename() + ')');
    }
}

void inTransaction(SQLite::Database& database, std::string_view what, const std::function<void()>& work) {
    guarded(database, what, [&] {
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        // The reason of a failure is read before the transaction rolls back, which would overwrite it.
        guarded(database, what, [&] {
            work();
            transaction.commit();
        });
    });
}

run::RunId runIdText(std::int64_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
    return 'r' + digits;
}

std::optional<std::int64_t> parseRunId(const std::string& text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const bool hasPrefix = text.size() > 1 && text.front() == 'r';
    const bool isId = hasPrefix && std::from_chars(text.data() + 1, end, number).ptr == end && runIdText(number) == text;
    return isId ? std::optional(number) : std::nullopt;
}

std::int64_t runIdNumber(const run::RunId& id) {
    const auto number = parseRunId(id);
    if (!number) {
        fail("\"" + id + "\" is no run id; they look like r0001");
    }
    return *number;
}

fs::path runFolder(const run::RunId& id) {
    return fs::path("runs") / id;
}

double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace rlcm::store
