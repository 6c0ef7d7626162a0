#include "lydia/atlas/journal.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <unordered_map>

#include "lydia/core/error.h"
#include "lydia/io/json.h"

namespace lydia::atlas {
namespace {

constexpr int kVersion = 2;
constexpr const char* kSchema = R"(
CREATE TABLE actions(key TEXT PRIMARY KEY, task TEXT NOT NULL, parts TEXT NOT NULL,
  outputs TEXT NOT NULL, seconds REAL NOT NULL, finished TEXT NOT NULL, verdict TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE latest(task TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE attempts(id INTEGER PRIMARY KEY, task TEXT NOT NULL, key TEXT NOT NULL,
  number INTEGER NOT NULL, state INTEGER NOT NULL, folder TEXT NOT NULL, message TEXT NOT NULL,
  exit_code INTEGER NOT NULL, seconds REAL NOT NULL, started TEXT NOT NULL);
CREATE INDEX attempts_by_task ON attempts(task, id);
CREATE INDEX attempts_by_key ON attempts(key, state);
CREATE TABLE evidence(task TEXT PRIMARY KEY, by TEXT NOT NULL, file TEXT NOT NULL,
  digest TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
)";
// Since version 2; what earlier files knew of digests is made again.
constexpr const char* kSecond = R"(
DROP TABLE IF EXISTS files;
CREATE TABLE files(path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime INTEGER NOT NULL,
  ctime INTEGER NOT NULL, inode INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE waiting(task TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE efforts(task TEXT PRIMARY KEY, persona TEXT NOT NULL, estimate REAL NOT NULL,
  actual REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 2;
)";

}  // namespace

std::string_view attempt_state_name(AttemptState state) {
  static constexpr std::string_view kNames[] = {"running",   "done",      "failed",
                                                "timed-out", "cancelled", "lost"};
  return kNames[static_cast<int>(state)];
}

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

double seconds_of_utc(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return end ? static_cast<double>(timegm(&parts)) : 0;
}

// The connection, and its statements by their text.
struct Journal::Database {
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::string path;
  std::unique_ptr<sqlite3, Close> owner;  // closes also what the constructor could not use
  sqlite3* handle = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements;
  std::unordered_map<std::string, std::pair<FileStamp, std::string>> files;
  int depth = 0;  // of batches
  bool look;

  Database(const std::string& file, Access how) : path(file), look(how == Access::Look) {
    if (look) {
      open_to_look();
    } else {
      open(path.c_str(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
      execute("PRAGMA journal_mode = WAL");
      execute("PRAGMA synchronous = FULL");
    }
    execute("BEGIN");
    const int64_t version = number("PRAGMA user_version");
    execute("COMMIT");
    LYDIA_CHECK(version <= kVersion, IoError, path, ": written by a newer lydia (state version ",
                version, "); use that one, or move the folder away");
    if (version < kVersion) bring_up();
  }

  void open(const char* name, int flags) {
    const int opened = sqlite3_open_v2(name, &handle, flags, nullptr);
    owner.reset(handle);
    if (opened != SQLITE_OK) refuse("cannot open");
    sqlite3_busy_timeout(handle, 30'000);
  }

  // A copy in memory, so that nothing on the disk has to be writable, and the form can be new.
  void open_to_look() {
    open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (::access(path.c_str(), F_OK) != 0) return;
    // While nobody writes there is no log; then SQLite, told so, makes no files beside the database
    // and reads it from a disk that cannot be written, too.
    const bool quiet = ::access((path + "-wal").c_str(), F_OK) != 0;
    const bool read = quiet ? copy_from(immutable_uri(), SQLITE_OPEN_URI) || copy_from(path, 0)
                            : copy_from(path, 0) || copy_from(immutable_uri(), SQLITE_OPEN_URI);
    if (!read) refuse("cannot read");
  }

  bool copy_from(const std::string& name, int flags) {
    sqlite3* file = nullptr;
    const int opened = sqlite3_open_v2(name.c_str(), &file, SQLITE_OPEN_READONLY | flags, nullptr);
    const std::unique_ptr<sqlite3, Close> owns(file);
    if (opened != SQLITE_OK) return false;
    sqlite3_busy_timeout(file, 30'000);
    sqlite3_backup* copy = sqlite3_backup_init(handle, "main", file, "main");
    if (!copy) return false;
    sqlite3_backup_step(copy, -1);
    return sqlite3_backup_finish(copy) == SQLITE_OK;
  }

  std::string immutable_uri() const {
    std::string out = "file:";
    for (const char c : path)
      out += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
    return out + "?immutable=1";
  }

  void bring_up() {
    execute("BEGIN IMMEDIATE");
    const int64_t version = number("PRAGMA user_version");  // another driver may have done it
    if (version < 1) execute(kSchema);
    if (version < 2) execute(kSecond);
    execute("COMMIT");
  }

  ~Database() {
    for (auto& [text, statement] : statements) sqlite3_finalize(statement);
  }

  [[noreturn]] void refuse(const char* what) const {
    fail<IoError>(path, ": ", what, ": ", handle ? sqlite3_errmsg(handle) : "no memory",
                  "; when it is damaged, remove it: everything runs again");
  }
  void execute(const char* sql) {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) refuse("cannot write");
  }
  int64_t number(const char* sql) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(handle, sql, -1, &s, nullptr) != SQLITE_OK) refuse("cannot read");
    const bool row = sqlite3_step(s) == SQLITE_ROW;
    const int64_t value = row ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    if (!row) refuse("cannot read");
    return value;
  }
};

namespace {

// One use of a statement: values bound in order, rows stepped through, reset at the end.
class Query {
 public:
  template <class Database, class... Values>
  Query(Database& db, const char* sql, const Values&... values) : handle_(db.handle) {
    sqlite3_stmt*& s = db.statements[sql];
    if (!s && sqlite3_prepare_v2(db.handle, sql, -1, &s, nullptr) != SQLITE_OK)
      db.refuse("cannot read");
    statement_ = s;
    path_ = &db.path;
    int at = 0;
    (bind(++at, values), ...);
  }
  ~Query() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // The next row; false at the end.
  bool next() {
    const int result = sqlite3_step(statement_);
    LYDIA_CHECK(result == SQLITE_ROW || result == SQLITE_DONE, IoError, *path_, ": ",
                sqlite3_errmsg(handle_));
    return result == SQLITE_ROW;
  }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes ? std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column)))
                 : std::string();
  }
  int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }

 private:
  void bind(int at, const std::string& value) {
    sqlite3_bind_text(statement_, at, value.data(), static_cast<int>(value.size()),
                      SQLITE_TRANSIENT);
  }
  void bind(int at, int64_t value) { sqlite3_bind_int64(statement_, at, value); }
  void bind(int at, double value) { sqlite3_bind_double(statement_, at, value); }

  sqlite3* handle_;
  sqlite3_stmt* statement_;
  const std::string* path_;
};

Attempt attempt_from(const Query& row) {
  Attempt a;
  a.id = row.integer(0);
  a.task = row.text(1);
  a.key = row.text(2);
  a.number = static_cast<int>(row.integer(3));
  a.state = static_cast<AttemptState>(row.integer(4));
  a.folder = row.text(5);
  a.message = row.text(6);
  a.exit_code = static_cast<int>(row.integer(7));
  a.seconds = row.real(8);
  a.started = row.text(9);
  return a;
}

#define LYDIA_ATTEMPT_COLUMNS \
  "id, task, key, number, state, folder, message, exit_code, seconds, started"

}  // namespace

Journal::Journal(const std::string& path, Access access)
    : db_(std::make_unique<Database>(path, access)) {
  Query rows(*db_, "SELECT path, bytes, mtime, ctime, inode, digest FROM files");
  while (rows.next())
    db_->files[rows.text(0)] = {
        {rows.integer(1), rows.integer(2), rows.integer(3), rows.integer(4)}, rows.text(5)};
}

Journal::~Journal() = default;

std::optional<ActionRecord> Journal::action(const std::string& key) {
  Query row(*db_,
            "SELECT key, task, parts, outputs, seconds, finished, verdict FROM actions "
            "WHERE key = ?",
            key);
  if (!row.next()) return {};
  return ActionRecord{row.text(0),
                      row.text(1),
                      parse_parts(io::parse_json(row.text(2), "journal")),
                      parse_outputs(io::parse_json(row.text(3), "journal")),
                      row.real(4),
                      row.text(5),
                      row.text(6)};
}

void Journal::add_action(const ActionRecord& r) {
  Query(*db_, "INSERT OR REPLACE INTO actions VALUES(?, ?, ?, ?, ?, ?, ?)", r.key, r.task,
        io::to_json(parts_json(r.parts)), io::to_json(outputs_json(r.outputs)), r.seconds,
        r.finished, r.verdict)
      .next();
}

std::optional<ActionRecord> Journal::latest(const std::string& task) {
  std::string key;
  {
    Query row(*db_, "SELECT key FROM latest WHERE task = ?", task);
    if (!row.next()) return {};
    key = row.text(0);
  }
  return action(key);
}

void Journal::set_latest(const std::string& task, const std::string& key) {
  {
    Query row(*db_, "SELECT 1 FROM latest WHERE task = ? AND key = ?", task, key);
    if (row.next()) return;
  }
  Query(*db_, "INSERT OR REPLACE INTO latest VALUES(?, ?)", task, key).next();
}

std::vector<std::string> Journal::all_latest_keys() {
  std::vector<std::string> keys;
  Query rows(*db_, "SELECT key FROM latest");
  while (rows.next()) keys.push_back(rows.text(0));
  return keys;
}

Attempt Journal::start_attempt(const std::string& task, const std::string& key,
                               const std::string& folders) {
  Batch batch(*this);
  Attempt a;
  a.task = task;
  a.key = key;
  a.started = now_utc();
  {
    Query row(*db_, "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE task = ?", task);
    row.next();
    a.number = static_cast<int>(row.integer(0));
  }
  a.folder = folders + "/" + std::to_string(a.number);
  Query(*db_, "INSERT INTO attempts VALUES(NULL, ?, ?, ?, ?, ?, '', -1, 0.0, ?)", task, key,
        int64_t{a.number}, int64_t{0}, a.folder, a.started)
      .next();
  a.id = sqlite3_last_insert_rowid(db_->handle);
  batch.commit();
  return a;
}

void Journal::end_attempt(const Attempt& a) {
  Query(*db_, "UPDATE attempts SET state = ?, message = ?, exit_code = ?, seconds = ? WHERE id = ?",
        static_cast<int64_t>(a.state), a.message, int64_t{a.exit_code}, a.seconds, a.id)
      .next();
}

std::vector<Attempt> Journal::open_attempts(const std::string& key) {
  std::vector<Attempt> out;
  Query rows(*db_,
             "SELECT " LYDIA_ATTEMPT_COLUMNS
             " FROM attempts WHERE key = ? AND state = 0 ORDER BY id",
             key);
  while (rows.next()) out.push_back(attempt_from(rows));
  return out;
}

std::optional<Attempt> Journal::last_attempt(const std::string& task) {
  Query row(*db_,
            "SELECT " LYDIA_ATTEMPT_COLUMNS
            " FROM attempts WHERE task = ? ORDER BY id DESC LIMIT 1",
            task);
  return row.next() ? std::optional(attempt_from(row)) : std::nullopt;
}

std::vector<Attempt> Journal::attempts() {
  std::vector<Attempt> out;
  Query rows(*db_, "SELECT " LYDIA_ATTEMPT_COLUMNS " FROM attempts ORDER BY id");
  while (rows.next()) out.push_back(attempt_from(rows));
  return out;
}

std::vector<double> Journal::durations(const std::string& task, int most) {
  std::vector<double> out;
  Query rows(*db_,
             "SELECT seconds FROM attempts WHERE task = ? AND state = 1 ORDER BY id DESC LIMIT ?",
             task, int64_t{most});
  while (rows.next()) out.push_back(rows.real(0));
  return out;
}

void Journal::note_waiting(const std::string& task) {
  Query(*db_, "INSERT OR IGNORE INTO waiting VALUES(?, ?)", task, now_utc()).next();
}

std::optional<std::string> Journal::waiting_since(const std::string& task) {
  Query row(*db_, "SELECT since FROM waiting WHERE task = ?", task);
  return row.next() ? std::optional(row.text(0)) : std::nullopt;
}

void Journal::add_effort(const FinishedEffort& e) {
  Query(*db_, "INSERT OR REPLACE INTO efforts VALUES(?, ?, ?, ?)", e.task, e.persona, e.estimate,
        e.actual)
      .next();
}

std::vector<FinishedEffort> Journal::efforts() {
  std::vector<FinishedEffort> out;
  Query rows(*db_, "SELECT task, persona, estimate, actual FROM efforts");
  while (rows.next()) out.push_back({rows.text(0), rows.text(1), rows.real(2), rows.real(3)});
  return out;
}

void Journal::add_evidence(const Evidence& e) {
  Query(*db_, "INSERT OR REPLACE INTO evidence VALUES(?, ?, ?, ?, ?)", e.task, e.by, e.file,
        e.digest, e.when)
      .next();
  Query(*db_, "DELETE FROM waiting WHERE task = ?", e.task).next();
}

std::optional<Evidence> Journal::evidence(const std::string& task) {
  Query row(*db_, "SELECT task, by, file, digest, at FROM evidence WHERE task = ?", task);
  if (!row.next()) return {};
  return Evidence{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)};
}

std::string Journal::file_digest(const std::string& path) {
  const FileStamp stamp = stamp_of(path);
  const auto known = db_->files.find(path);
  if (known != db_->files.end() && known->second.first == stamp && stamp.bytes >= 0)
    return known->second.second;
  const std::string digest = digest_file(path);
  if (stamp_of(path) == stamp) remember_file(path, digest);
  return digest;
}

void Journal::remember_file(const std::string& path, const std::string& digest) {
  const FileStamp stamp = stamp_of(path);
  // A file that is younger than the clock's tick may change again without a new time.
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  if (stamp.bytes < 0 || now - std::max(stamp.mtime_ns, stamp.ctime_ns) < 50'000'000) {
    db_->files.erase(path);
    return;
  }
  db_->files[path] = {stamp, digest};
  Query(*db_, "INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?, ?, ?)", path, stamp.bytes,
        stamp.mtime_ns, stamp.ctime_ns, stamp.inode, digest)
      .next();
}

std::vector<std::string> Journal::forget(int keep_attempts) {
  Batch batch(*this);
  std::vector<std::string> folders;
  constexpr const char* kOld =
      "FROM attempts WHERE state != 0 AND id IN (SELECT id FROM (SELECT id, row_number() OVER "
      "(PARTITION BY task ORDER BY id DESC) AS age FROM attempts) WHERE age > ?)";
  {
    const std::string select = std::string("SELECT folder ") + kOld;
    Query rows(*db_, select.c_str(), int64_t{keep_attempts});
    while (rows.next()) folders.push_back(rows.text(0));
  }
  const std::string remove = std::string("DELETE ") + kOld;
  Query(*db_, remove.c_str(), int64_t{keep_attempts}).next();
  Query(*db_, "DELETE FROM actions WHERE key NOT IN (SELECT key FROM latest)").next();
  batch.commit();
  return folders;
}

Journal::Batch::Batch(Journal& journal) : journal_(journal) {
  if (journal_.db_->depth++ == 0) journal_.db_->execute("BEGIN IMMEDIATE");
}

Journal::Batch::~Batch() {
  if (open_ && --journal_.db_->depth == 0)
    sqlite3_exec(journal_.db_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Journal::Batch::commit() {
  if (journal_.db_->depth == 1) journal_.db_->execute("COMMIT");
  --journal_.db_->depth;
  open_ = false;
}

}  // namespace lydia::atlas
