#include "tests/test.h"

#include <stdalign.h>

#include "capture/arena.h"

static void test_blocks_do_not_overlap(void **state)
{
  Arena arena;
  char *blocks[200];

  (void) state;
  arena_init(&arena, 64);
  for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
    blocks[i] = arena_alloc(&arena, i);
    memset(blocks[i], (int) i, i);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
    assert_int_equal((uintptr_t) blocks[i] % alignof(uint64_t), 0);
    for (size_t at = 0; at < i; at++)
      assert_int_equal((uint8_t) blocks[i][at], i);
  }
  assert_true(arena.used >= 199 * 200 / 2);
  arena_clear(&arena);
  assert_int_equal(arena.used, 0);
}

static void test_large_and_zeroed(void **state)
{
  Arena arena;

  (void) state;
  arena_init(&arena, 16);
  char *large = arena_alloc0(&arena, 1 << 20);
  for (size_t i = 0; i < 1 << 20; i++)
    assert_int_equal(large[i], 0);
  arena_clear(&arena);
}

static void test_reset_and_use_again(void **state)
{
  Arena arena;

  (void) state;
  arena_init(&arena, 32);
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 100; i++)
      memset(arena_alloc(&arena, 100), round, 100);
    arena_reset(&arena);
    assert_true(arena.used <= 128 * 1024);
  }
  arena_clear(&arena);
}

static void test_dup(void **state)
{
  Arena arena;

  (void) state;
  arena_init(&arena, 32);
  assert_slice(arena_dup(&arena, SLICE("abc")), "abc");
  assert_null(arena_dup(&arena, SLICE_NONE).data);
  assert_non_null(arena_dup(&arena, SLICE("")).data);
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_blocks_do_not_overlap),
    cmocka_unit_test(test_large_and_zeroed),
    cmocka_unit_test(test_reset_and_use_again),
    cmocka_unit_test(test_dup),
  };

  return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
