/* stdlib.h - empty: included by xxhash.h for an allocator that the core does
 * not have.
 * SPDX-License-Identifier: MIT */
