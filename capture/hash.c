#include "capture/hash.h"

#include <glib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_seed_new(void)
{
  return (uint64_t) g_random_int() << 32 | g_random_int();
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
  return XXH3_64bits_withSeed(bytes ? bytes : "", len, seed);
}

Hash128 hash_bytes_128(const void *bytes, size_t len, uint64_t seed)
{
  XXH128_hash_t hash = XXH3_128bits_withSeed(bytes ? bytes : "", len, seed);

  return (Hash128){hash.low64, hash.high64};
}
