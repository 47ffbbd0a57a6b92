#include "reports/npy_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "tests/base/temp_folder.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

template <typename T>
std::span<const std::byte> Bytes(const T& values) {
  return std::as_bytes(std::span(values));
}

/// The Python dict of a file and what follows it; checks the frame of format version 1.0.
struct NpyFile {
  explicit NpyFile(const std::filesystem::path& path) {
    const std::string text = ReadFile(path);
    EXPECT_EQ(text.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const size_t length = static_cast<unsigned char>(text.at(8)) +
                          256 * static_cast<size_t>(static_cast<unsigned char>(text.at(9)));
    EXPECT_EQ((10 + length) % 64, 0u);
    dict = text.substr(10, length);
    EXPECT_EQ(dict.back(), '\n');
    dict.erase(dict.find_last_not_of(" \n") + 1);
    data = text.substr(10 + length);
  }
  std::string dict;
  std::string data;
};

TEST(WriteNpy, GoldenFile) {
  const TempFolder folder;
  const std::array<float, 6> values{1, 2, 3, 4, 5, 6};
  WriteNpy(folder.path(), "a", ItemLayout({{DType::kFloat32, {3}}}), Bytes(values), 2);
  std::string expected("\x93NUMPY\x01\x00\x76\x00", 10);
  expected += "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3,), }";
  expected += std::string(127 - expected.size(), ' ') + '\n';
  expected.append(reinterpret_cast<const char*>(values.data()), sizeof values);
  EXPECT_EQ(ReadFile(folder.path() / "a.npy"), expected);
}

TEST(WriteNpy, ScalarsHaveTheCountAsTheirOnlyDimension) {
  const TempFolder folder;
  const std::array<int64_t, 3> values{7, 8, 9};
  WriteNpy(folder.path(), "a", ItemLayout({{DType::kInt64, {}}}), Bytes(values), 3);
  const NpyFile file(folder.path() / "a.npy");
  EXPECT_EQ(file.dict, "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }");
  EXPECT_EQ(std::memcmp(file.data.data(), values.data(), sizeof values), 0);
}

TEST(WriteNpy, NamesEveryTypeAsNumPyDoes) {
  const std::pair<DType, const char*> types[] = {
      {DType::kFloat32, "<f4"},  {DType::kFloat64, "<f8"}, {DType::kFloat16, "<f2"},
      {DType::kBFloat16, "<u2"}, {DType::kInt64, "<i8"},   {DType::kInt32, "<i4"},
      {DType::kInt16, "<i2"},    {DType::kInt8, "|i1"},    {DType::kUInt8, "|u1"},
      {DType::kBool, "|b1"}};
  const TempFolder folder;
  const std::array<std::byte, 8> item{};
  for (const auto& [dtype, name] : types) {
    const ItemLayout layout({{dtype, {}}});
    WriteNpy(folder.path(), "a", layout, std::span(item).first(layout.bytes), 1);
    EXPECT_THAT(NpyFile(folder.path() / "a.npy").dict,
                testing::HasSubstr(std::string("'descr': '") + name + "'"));
  }
}

TEST(WriteNpy, WritesAFileForEachOfSeveralTensorsWithoutThePadding) {
  const TempFolder folder;
  const ItemLayout layout({{DType::kUInt8, {3}}, {DType::kInt32, {}}});
  std::vector<std::byte> items(2 * layout.bytes, std::byte{0xee});
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = 0; j < 3; ++j)
      items[i * layout.bytes + j] = static_cast<std::byte>('a' + 3 * i + j);
    const auto number = static_cast<int32_t>(100 + i);
    std::memcpy(&items[i * layout.bytes + layout.offsets[1]], &number, sizeof number);
  }
  WriteNpy(folder.path(), "out", layout, items, 2);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.npy"));
  const NpyFile first(folder.path() / "out.0.npy");
  EXPECT_THAT(first.dict, testing::HasSubstr("'shape': (2, 3,)"));
  EXPECT_EQ(first.data, "abcdef");
  const NpyFile second(folder.path() / "out.1.npy");
  EXPECT_THAT(second.dict, testing::HasSubstr("'shape': (2,)"));
  EXPECT_EQ(second.data, std::string("d\0\0\0e\0\0\0", 8));
}

TEST(WriteNpy, WritesItemsOfVariableSizeFlatWithTheirOffsets) {
  const TempFolder folder;
  const ItemLayout layout({{DType::kInt16, {4}}}, Sizing::kVariable);
  WriteNpy(folder.path(), "out", layout, Frames({"aabb", "", "cc"}), 3);
  const NpyFile content(folder.path() / "out.npy");
  EXPECT_EQ(content.dict, "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }");
  EXPECT_EQ(content.data, "aabbcc");
  const NpyFile offsets(folder.path() / "out.offsets.npy");
  EXPECT_EQ(offsets.dict, "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }");
  const std::array<int64_t, 4> expected{0, 2, 2, 3};  // in elements
  ASSERT_EQ(offsets.data.size(), sizeof expected);
  EXPECT_EQ(std::memcmp(offsets.data.data(), expected.data(), sizeof expected), 0);
}

TEST(WriteNpy, NamesTheFileThatItCannotWrite) {
  try {
    WriteNpy("/no/such/folder", "a", ItemLayout({{DType::kUInt8, {}}}), {}, 0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("/no/such/folder/a.npy"));
  }
}

}  // namespace
}  // namespace coresweep
