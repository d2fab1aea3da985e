/* assert.h - xxhash.h checks sizes at compile time.
 * SPDX-License-Identifier: MIT */
#define static_assert _Static_assert
