// A folder for one test, and how to fill it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace coresweep {

/// An empty folder that goes with this object.
class TempFolder {
 public:
  TempFolder() : TempFolder(testing::TempDir()) {}
  /// In `parent`, which ends in '/'.
  explicit TempFolder(const std::string& parent) {
    std::string name = parent + "coresweep-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "cannot make " << name;
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  /// Of a file system in memory where there is one: for tests that sync hundreds of times, which
  /// takes seconds on a busy disk.
  static std::string InMemory() {
    return std::filesystem::exists("/dev/shm") ? "/dev/shm/" : testing::TempDir();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes `text` to `name` below the folder, whose parents it makes; a leading slash is ignored.
  void Write(const std::string& name, const std::string& text) const {
    const auto file = path_ / std::filesystem::path(name).relative_path();
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace coresweep
