#include "bench/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace coresweep {
namespace {

/// In place of SQLITE_STATIC and SQLITE_TRANSIENT, which are C casts.
const sqlite3_destructor_type kStays = nullptr;

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(SqliteDatabase& database, std::string_view sql)
    : database_(database) {
  sqlite3_stmt* statement = nullptr;
  Require(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()),
                             &statement, nullptr));
  statement_.reset(statement);
}

void SqliteStatement::Require(int code) const {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) throw database_.ErrorOf(code);
}

SqliteStatement& SqliteStatement::Bind(int index, int64_t value) {
  Require(sqlite3_bind_int64(statement_.get(), index + 1, value));
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int index, std::string_view text) {
  Require(sqlite3_bind_text64(statement_.get(), index + 1, text.data(), text.size(), kStays,
                              SQLITE_UTF8));
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int index, std::optional<double> value) {
  Require(value ? sqlite3_bind_double(statement_.get(), index + 1, *value)
                : sqlite3_bind_null(statement_.get(), index + 1));
  return *this;
}

SqliteStatement& SqliteStatement::BindBlob(int index, std::string_view bytes) {
  Require(sqlite3_bind_blob64(statement_.get(), index + 1, bytes.data(), bytes.size(), kStays));
  return *this;
}

bool SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  Require(code);
  return code == SQLITE_ROW;
}

void SqliteStatement::Run() {
  while (Step()) {
  }
  Require(sqlite3_reset(statement_.get()));
}

int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string SqliteStatement::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr) return "";
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

std::optional<double> SqliteStatement::Real(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_double(statement_.get(), column);
}

void SqliteDatabase::Closer::operator()(sqlite3* handle) const {
  sqlite3_close(handle);
}

SqliteDatabase::SqliteDatabase(const std::string& path, bool create, int busy_ms) : path_(path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);  // also of one that could not be opened
  if (code != SQLITE_OK) throw ErrorOf(code);
  sqlite3_busy_timeout(handle, busy_ms);
}

void SqliteDatabase::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw ErrorOf(code);
}

int64_t SqliteDatabase::Number(std::string_view sql) {
  SqliteStatement statement(*this, sql);
  return statement.Step() ? statement.Integer(0) : 0;
}

int64_t SqliteDatabase::LastInsertId() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

SqliteError SqliteDatabase::ErrorOf(int code) const {
  const int primary = code & 0xff;
  std::string text = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  if (primary == SQLITE_BUSY) text += ": another process has been writing all the time; try again";
  if (primary == SQLITE_IOERR && handle_ && sqlite3_system_errno(handle_.get()) != 0)
    text += ": " + DescribeErrno(sqlite3_system_errno(handle_.get()));
  return {fmt::format("{}: {}", path_, text), primary};
}

SqliteTransaction::SqliteTransaction(SqliteDatabase& database) : database_(database) {
  database_.Execute("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
  // After some errors SQLite has rolled back by itself; then there is nothing left to do.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteTransaction::Commit() {
  database_.Execute("COMMIT");
  open_ = false;
}

}  // namespace coresweep
