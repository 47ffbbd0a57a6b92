#include "harness/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace coresweep {
namespace {

using testing::HasSubstr;
using testing::Property;
using testing::Throws;

TEST(Error, DescribesErrnoByTextAndName) {
  EXPECT_EQ(DescribeErrno(ENOENT), "No such file or directory (ENOENT)");
}

TEST(Error, DescribesAnUnknownErrnoWithoutFailing) {
  EXPECT_EQ(DescribeErrno(99999), "unknown error (?)");
}

TEST(Error, ThrowErrnoNamesCallObjectAndReason) {
  const auto refuse = [] {
    errno = EACCES;
    ThrowErrno("open", "/some/file");
  };
  EXPECT_THAT(refuse,
              Throws<Error>(Property(&Error::what, HasSubstr("open /some/file: Permission denied "
                                                             "(EACCES)"))));
}

TEST(Error, ThrowErrnoLeavesOutAnEmptyObject) {
  const auto refuse = [] {
    errno = EPERM;
    ThrowErrno("prctl");
  };
  EXPECT_THAT(refuse, Throws<Error>(Property(&Error::what, HasSubstr("prctl: Operation"))));
}

TEST(Error, CheckThrowsOnMinusOneOnly) {
  EXPECT_EQ(Check(0, "call"), 0);
  EXPECT_EQ(Check(-2, "call"), -2);
  errno = EBADF;
  EXPECT_THROW(Check(-1, "call"), Error);
  errno = EBADF;
  EXPECT_THROW(Check(ssize_t{-1}, "call"), Error);
}

TEST(Error, UsageErrorIsCaughtAsError) {
  EXPECT_THROW(throw UsageError("--workers: 0 is not a count"), Error);
}

}  // namespace
}  // namespace coresweep
