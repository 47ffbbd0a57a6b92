// Whole-or-nothing writing of files, and what it is made of.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace coresweep {

/// Replaces `path` by `text`: written to "<path>.part", synced, renamed, folder synced. A reader
/// sees the old file or the new one, also after a crash. Throws `Error` naming the path; the old
/// file is then untouched.
void WriteFileAtomically(const std::filesystem::path& path, std::string_view text);

/// Throws `Error` naming the path when `WriteFileAtomically` could not write it; leaves nothing.
void CheckWritable(const std::filesystem::path& path);

/// Writes all of `text`, in one write(2) unless the system takes less. Throws `Error` naming
/// `name`.
void WriteAll(int fd, std::string_view text, const std::string& name);

/// Makes a name that was made or changed beside `path` last; where the file system can do that.
void SyncFolderOf(const std::filesystem::path& path);

/// Whole content of `path`; throws `Error` naming it. Refuses more than `limit_bytes`.
std::string ReadFile(const std::filesystem::path& path, size_t limit_bytes = size_t{1} << 32);

}  // namespace coresweep
