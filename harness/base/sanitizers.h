#pragma once

/// Which sanitizer this is compiled with: GCC says so by a macro, clang by a feature.

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

namespace coresweep {

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace coresweep
