#include "harness/run/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/journal_text.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// False when another process has it. Some file systems of networks and virtual machines know no
/// locks: there nobody is kept from writing.
bool Lock(int fd) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return true;
  }
  return true;
}

/// Is what we opened still what the path names? Its owner may have removed it meanwhile.
bool StillNamed(int fd, const fs::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// Opened and locked; no descriptor when there is no such file.
UniqueFd OpenLocked(const fs::path& path, int more_flags) {
  while (true) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | more_flags, 0644));
    const bool absent = !fd && (errno == ENOENT || errno == ENOTDIR);
    if (absent && (more_flags & O_CREAT) == 0) return fd;
    if (!fd) ThrowErrno("cannot open", path.string());
    if (!Lock(fd.get())) {
      throw UsageError(fmt::format(
          "{}: another coresweep writes this journal; wait for it, or give another report by -o",
          path.string()));
    }
    if (StillNamed(fd.get(), path)) return fd;
  }
}

int64_t CallNs(const SweepResult& sweep) {
  return sweep.calls.empty() ? 0 : sweep.calls.back().total_ns;
}

}  // namespace

JournalFile JournalFile::Create(const fs::path& path, std::string_view text) {
  JournalFile file(path, OpenLocked(path, O_CREAT));
  try {
    file.CutTo(0);
    file.Append(text);
  } catch (const Error&) {
    ::unlink(path.c_str());  // nobody can go on from a part of the first line
    throw;
  }
  SyncFolderOf(path);
  return file;
}

JournalFile JournalFile::Open(const fs::path& path) {
  JournalFile file(path, OpenLocked(path, 0));
  if (file.fd_) return file;
  throw UsageError(
      fmt::format("{}: there is no such journal: the sweep is complete, or this is no report of "
                  "`coresweep run`",
                  path.string()));
}

void JournalFile::RequireFree(const fs::path& path) {
  (void)OpenLocked(path, 0);
}

std::string JournalFile::Read() const {
  // Some MB a trial where there are many workers: no bound but the disk that they were written to.
  return ReadFile(path_, std::numeric_limits<size_t>::max());
}

void JournalFile::CutTo(size_t bytes) {
  Check(::ftruncate(fd_.get(), static_cast<off_t>(bytes)), "ftruncate", path_.string());
}

void JournalFile::Append(std::string_view text) {
  WriteAll(fd_.get(), text, path_.string());
  Check(::fdatasync(fd_.get()), "fdatasync", path_.string());
}

void JournalFile::Remove() {
  Check(::unlink(path_.c_str()), "cannot remove", path_.string());
}

void JournalWriter::TrialEnded(const SweepResult& sweep) {
  const TrialResult& last = sweep.trials.back();
  if (last.measurement.outcome == Outcome::kInterrupted) return;
  file_.Append(JournalLine(last, CallNs(sweep)));
}

void JournalWriter::End(const SweepResult& sweep) {
  file_.Append(JournalEndLine(CallNs(sweep)));
}

}  // namespace coresweep
