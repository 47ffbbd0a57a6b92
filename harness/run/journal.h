// The journal of a sweep on disk: appended to, locked, removed when the sweep is complete.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/unique_fd.h"
#include "harness/core/report_writer.h"

namespace coresweep {

/// A file that one process at a time writes (where the file system has locks), by appending. Lines
/// that were appended are there after kill -9 and, as far as the disk keeps what it confirms, after
/// a loss of power.
class JournalFile {
 public:
  /// Makes `path`, or empties what is there, and writes `text`. Throws `UsageError` when another
  /// process has it open, `Error` when it cannot be written, and leaves none then.
  static JournalFile Create(const std::filesystem::path& path, std::string_view text);
  /// Opens what is there. Throws `UsageError` when there is none or another process has it open.
  static JournalFile Open(const std::filesystem::path& path);

  /// Throws `UsageError` when another process has `path` open; it need not be there.
  static void RequireFree(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// All of it.
  [[nodiscard]] std::string Read() const;
  /// Drops what lies behind the first `bytes`.
  void CutTo(size_t bytes);
  /// One write(2), then fdatasync. Throws `Error`.
  void Append(std::string_view text);
  /// Takes it away. A process that waits for it finds nothing.
  void Remove();

 private:
  JournalFile(std::filesystem::path path, UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}

  std::filesystem::path path_;
  UniqueFd fd_;
};

/// Appends each finished trial (one that was interrupted is no result) and the end of the call.
/// First among the writers of a sweep: what the report tells, the journal has.
class JournalWriter final : public ReportWriter {
 public:
  explicit JournalWriter(JournalFile& file) : file_(file) {}
  void Begin(const SweepResult& /*sweep*/) override {}
  void TrialStarts(const SweepResult& /*sweep*/, const Trial& /*trial*/) override {}
  void TrialEnded(const SweepResult& sweep) override;
  void End(const SweepResult& sweep) override;

 private:
  JournalFile& file_;
};

}  // namespace coresweep
