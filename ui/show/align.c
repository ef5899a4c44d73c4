#include "ui/show/align.h"

/* Totals that fit: scores of at most ALIGN_SAME. */
typedef uint16_t Total;

typedef struct {
  const AlignInput *input;
  GArray *pairs;
  uint32_t left, right;         /* all items before these are aligned */
  uint32_t left_end, right_end; /* all items from here on are equal */
} Aligner;

/* A window of items: the best total from each pair of positions on, and the scores there. */
typedef struct {
  uint32_t left, right; /* numbers of items */
  Total *totals;        /* (left + 1) * (right + 1) */
  uint8_t *scores;
} Window;

static void emit(Aligner *aligner, uint32_t left, uint32_t right)
{
  AlignPair pair = {left, right};

  g_array_append_val(aligner->pairs, pair);
}

static unsigned score(const Aligner *aligner, uint32_t left, uint32_t right)
{
  return aligner->input->score(aligner->input->data, left, right);
}

static void emit_left(Aligner *aligner, uint32_t end)
{
  while (aligner->left < end)
    emit(aligner, aligner->left++, ALIGN_NONE);
}

static void emit_right(Aligner *aligner, uint32_t end)
{
  while (aligner->right < end)
    emit(aligner, ALIGN_NONE, aligner->right++);
}

static Total *total_at(const Window *window, uint32_t left, uint32_t right)
{
  return window->totals + (size_t) left * (window->right + 1) + right;
}

static uint8_t *score_at(const Window *window, uint32_t left, uint32_t right)
{
  return window->scores + (size_t) left * window->right + right;
}

static void fill_window(const Aligner *aligner, Window *window)
{
  for (uint32_t l = window->left; l-- > 0;)
    for (uint32_t r = window->right; r-- > 0;) {
      unsigned alike = score(aligner, aligner->left + l, aligner->right + r);
      unsigned best = MAX(*total_at(window, l + 1, r), *total_at(window, l, r + 1));

      *score_at(window, l, r) = (uint8_t) alike;
      if (alike > 0)
        best = MAX(best, alike + *total_at(window, l + 1, r + 1));
      *total_at(window, l, r) = (Total) best;
    }
}

/* Follows the best totals up to the last pair of the window. */
static void walk_window(Aligner *aligner, const Window *window)
{
  uint32_t l = 0, r = 0, left = aligner->left, right = aligner->right;

  while (*total_at(window, l, r) > 0) {
    unsigned alike = *score_at(window, l, r), total = *total_at(window, l, r);

    if (alike > 0 && total == alike + *total_at(window, l + 1, r + 1))
      emit(aligner, left + l++, right + r++);
    else if (total == *total_at(window, l + 1, r))
      emit(aligner, left + l++, ALIGN_NONE);
    else
      emit(aligner, ALIGN_NONE, right + r++);
  }
  aligner->left = left + l;
  aligner->right = right + r;
}

static void align_window(Aligner *aligner, uint32_t left, uint32_t right)
{
  uint32_t left_before = aligner->left, right_before = aligner->right;
  bool whole =
    left == aligner->left_end - aligner->left && right == aligner->right_end - aligner->right;
  g_autofree Total *totals = g_new0(Total, (size_t) (left + 1) * (right + 1));
  g_autofree uint8_t *scores = g_new(uint8_t, (size_t) left * right);
  Window window = {left, right, totals, scores};

  fill_window(aligner, &window);
  walk_window(aligner, &window);
  /* There are no more pairs in this window. */
  if (whole || (aligner->left == left_before && aligner->right == right_before)) {
    emit_left(aligner, left_before + left);
    emit_right(aligner, right_before + right);
  }
}

static void align_middle(Aligner *aligner)
{
  const AlignInput *input = aligner->input;

  while (aligner->left < aligner->left_end && aligner->right < aligner->right_end) {
    uint32_t left = MIN(aligner->left_end - aligner->left, input->window);
    uint32_t right = MIN(aligner->right_end - aligner->right, input->window);
    uint64_t cost = (uint64_t) left * right * input->cost;

    if (cost > *input->budget) { /* the rest in pairs, one by one */
      while (aligner->left < aligner->left_end && aligner->right < aligner->right_end)
        emit(aligner, aligner->left++, aligner->right++);
      break;
    }
    *input->budget -= cost;
    align_window(aligner, left, right);
  }
  emit_left(aligner, aligner->left_end);
  emit_right(aligner, aligner->right_end);
}

void align_items(const AlignInput *input, GArray *pairs)
{
  Aligner aligner = {
    .input = input,
    .pairs = pairs,
    .left_end = input->left_count,
    .right_end = input->right_count,
  };

  g_assert(input->window > 0 && input->window <= ALIGN_WINDOW_MAX);
  while (aligner.left < aligner.left_end && aligner.right < aligner.right_end &&
         score(&aligner, aligner.left, aligner.right) >= ALIGN_EQUAL)
    emit(&aligner, aligner.left++, aligner.right++);
  while (aligner.left < aligner.left_end && aligner.right < aligner.right_end &&
         score(&aligner, aligner.left_end - 1, aligner.right_end - 1) >= ALIGN_EQUAL) {
    aligner.left_end--;
    aligner.right_end--;
  }
  align_middle(&aligner);
  while (aligner.left < input->left_count)
    emit(&aligner, aligner.left++, aligner.right++);
}
