#include "tests/test.h"

#include "ui/show/diff_align.h"

typedef struct {
  const char *left, *right;
} Texts;

/* Letters: the same, or the same in another case. */
static unsigned score_letters(const void *data, uint32_t left, uint32_t right)
{
  const Texts *texts = data;
  char a = texts->left[left], b = texts->right[right];

  if (a == b)
    return ALIGN_SAME;
  return g_ascii_tolower(a) == g_ascii_tolower(b) ? ALIGN_ALIKE : 0;
}

static GArray *align(const Texts *texts, uint32_t window, uint64_t budget)
{
  GArray *pairs = g_array_new(false, false, sizeof(AlignPair));

  align_items(&(AlignInput){.left_count = (uint32_t) strlen(texts->left),
                            .right_count = (uint32_t) strlen(texts->right),
                            .score = score_letters,
                            .data = texts,
                            .window = window,
                            .cost = 1,
                            .budget = &budget},
              pairs);
  return pairs;
}

/* "aB/-c/...": each pair, "-" where there is none. */
static char *pairs_text(const Texts *texts, const GArray *pairs)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < pairs->len; i++) {
    AlignPair pair = g_array_index(pairs, AlignPair, i);
    g_string_append_c(text, pair.left == ALIGN_NONE ? '-' : texts->left[pair.left]);
    g_string_append_c(text, pair.right == ALIGN_NONE ? '-' : texts->right[pair.right]);
    g_string_append_c(text, ' ');
  }
  return g_strchomp(g_string_free(text, FALSE));
}

static void test_cases(void **state)
{
  static const struct {
    Texts texts;
    uint32_t window;
    uint64_t budget;
    const char *expected;
  } CASES[] = {
    {{"", ""}, 8, 1000, ""},
    {{"abc", ""}, 8, 1000, "a- b- c-"},
    {{"", "ab"}, 8, 1000, "-a -b"},
    {{"abc", "abc"}, 8, 0, "aa bb cc"},
    {{"abcd", "abxcd"}, 8, 1000, "aa bb -x cc dd"},
    {{"axyb", "ayzb"}, 8, 1000, "aa x- yy -z bb"},
    {{"aXb", "axb"}, 8, 1000, "aa Xx bb"},
    {{"aXxb", "axb"}, 8, 1000, "aa X- xx bb"}, /* the better of two */
    {{"apqb", "axyb"}, 8, 1000, "aa p- q- -x -y bb"},
    {{"apqb", "axyb"}, 8, 3, "aa px qy bb"}, /* too dear: one by one */
    {{"pqarsbtuc", "avwbxyc"}, 3, 1000, "p- q- aa r- s- -v -w bb t- u- -x -y cc"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GArray) pairs = align(&CASES[i].texts, CASES[i].window, CASES[i].budget);
    g_autofree char *text = pairs_text(&CASES[i].texts, pairs);

    assert_string_equal(text, CASES[i].expected);
  }
}

/* Each item once and in order, whatever the window and the budget. */
static void test_complete(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(7);

  (void) state;
  for (int round = 0; round < 3000; round++) {
    char left[41] = "", right[41] = "";
    uint32_t next[2] = {0, 0};

    for (int i = g_rand_int_range(random, 0, 40); i-- > 0;)
      left[i] = "abcABC"[g_rand_int_range(random, 0, 6)];
    for (int i = g_rand_int_range(random, 0, 40); i-- > 0;)
      right[i] = "abcABC"[g_rand_int_range(random, 0, 6)];
    Texts texts = {left, right};
    g_autoptr(GArray) pairs = align(&texts, (uint32_t) g_rand_int_range(random, 1, 50),
                                    (uint64_t) g_rand_int_range(random, 0, 2000));
    for (guint i = 0; i < pairs->len; i++) {
      AlignPair pair = g_array_index(pairs, AlignPair, i);
      assert_true(pair.left != ALIGN_NONE || pair.right != ALIGN_NONE);
      if (pair.left != ALIGN_NONE)
        assert_int_equal(pair.left, next[0]++);
      if (pair.right != ALIGN_NONE)
        assert_int_equal(pair.right, next[1]++);
    }
    assert_int_equal(next[0], strlen(left));
    assert_int_equal(next[1], strlen(right));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_complete),
  };

  return cmocka_run_group_tests_name("diff_align", tests, NULL, NULL);
}
