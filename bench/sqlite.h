// SQLite's C interface with owners and errors of ours.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace coresweep {

class SqliteDatabase;

/// What SQLite says, with the file's name. `code` is its primary result code.
class SqliteError : public Error {
 public:
  SqliteError(const std::string& what, int code) : Error(what), code_(code) {}
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_;
};

/// One prepared statement. Parameters and columns are numbered from 0.
class SqliteStatement {
 public:
  /// Throws `SqliteError`.
  SqliteStatement(SqliteDatabase& database, std::string_view sql);

  SqliteStatement& Bind(int index, int64_t value);
  SqliteStatement& Bind(int index, std::string_view text);
  SqliteStatement& Bind(int index, std::optional<double> value);
  /// The bytes must live until the statement was run.
  SqliteStatement& BindBlob(int index, std::string_view bytes);

  /// The next row; false when there is none. Throws `SqliteError`.
  bool Step();
  /// Runs it to its end and makes it ready to be bound and run again.
  void Run();

  [[nodiscard]] int64_t Integer(int column) const;
  [[nodiscard]] std::string Text(int column) const;  ///< also of a blob
  [[nodiscard]] std::optional<double> Real(int column) const;

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  void Require(int code) const;

  SqliteDatabase& database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

class SqliteDatabase {
 public:
  /// Opens `path`; makes it where `create`. Others may have it open: who must wait waits for at
  /// most `busy_ms`. Throws `SqliteError`; a file that is no database shows itself only when it is
  /// read.
  SqliteDatabase(const std::string& path, bool create, int busy_ms);

  /// Statements without rows, ended by semicolons. Throws `SqliteError`.
  void Execute(const std::string& sql);
  /// The one number that `sql` gives.
  int64_t Number(std::string_view sql);
  [[nodiscard]] int64_t LastInsertId() const;
  /// An error of the last call, which gave `code`.
  [[nodiscard]] SqliteError ErrorOf(int code) const;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

/// A write transaction: taken at once, so that it never fails half-way for another writer's sake,
/// and rolled back unless `Commit` was called.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database);
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  ~SqliteTransaction();
  void Commit();

 private:
  SqliteDatabase& database_;
  bool open_ = true;
};

}  // namespace coresweep
