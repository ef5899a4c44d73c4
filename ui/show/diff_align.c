#include "ui/show/diff_align.h"

#include <glib.h>

#include "ui/show/text.h"

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

  for (uint32_t l = window.left; l-- > 0;)
    for (uint32_t r = window.right; r-- > 0;) {
      unsigned alike = score(aligner, aligner->left + l, aligner->right + r);
      unsigned best = MAX(*total_at(&window, l + 1, r), *total_at(&window, l, r + 1));

      *score_at(&window, l, r) = (uint8_t) alike;
      if (alike > 0)
        best = MAX(best, alike + *total_at(&window, l + 1, r + 1));
      *total_at(&window, l, r) = (Total) best;
    }
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

/* --- the words of two texts --- */

enum { WORDS_MAX = 4096 };

typedef struct {
  Octets octets;
  uint32_t hash;
} Word;

typedef struct {
  Slice texts[2];
  const Word *words[2];
} Words;

static bool is_of_word(char c)
{
  return g_ascii_isalnum(c) || (unsigned char) c >= 0x80 || memchr("-.!%*_+`'~", c, 10);
}

/* Words, runs of blanks and separators: GArray of Word, freed with g_array_unref; NULL when there
 * are too many. */
static GArray *split_words(Slice text)
{
  GArray *words = g_array_new(false, false, sizeof(Word));

  for (Slice rest = text; rest.len > 0;) {
    bool (*is_more)(char) = is_of_word(rest.data[0]) ? is_of_word : slice_is_blank;
    size_t len = 0;

    while (len < rest.len && is_more(rest.data[len]))
      len++;
    Slice word = slice_head(rest, MAX(len, 1));
    Word item = {octets_of(text, word), text_hash(word)};
    if (words->len == WORDS_MAX) {
      g_array_unref(words);
      return NULL;
    }
    g_array_append_val(words, item);
    rest = slice_from(rest, word.len);
  }
  return words;
}

static unsigned score_words(const void *data, uint32_t left, uint32_t right)
{
  const Words *words = data;
  const Word *a = &words->words[0][left], *b = &words->words[1][right];

  if (a->hash != b->hash ||
      !slice_eq(octets_slice(words->texts[0], a->octets), octets_slice(words->texts[1], b->octets)))
    return 0;
  /* Words identify a place better than the separators between them. */
  return a->octets.len > 1 ? ALIGN_SAME : ALIGN_EQUAL;
}

/*
 * Extends the last change when only blanks are between.  Blanks that differ next to words that
 * differ are not marked.
 */
static void add_change(GArray *changes, Slice text, Octets octets)
{
  Octets *last = changes->len > 0 ? &g_array_index(changes, Octets, changes->len - 1) : NULL;
  size_t end = last ? (size_t) last->offset + last->len : 0;
  Slice between = slice_head(slice_from(text, end), octets.offset - end);

  if (slice_is_blank(octets_slice(text, octets).data[0]))
    return;
  if (last && slice_trim(between).len == 0)
    last->len = octets.offset + octets.len - last->offset;
  else
    g_array_append_val(changes, octets);
}

static void set_changes(Arena *arena, DiffSide *side, GArray *changes)
{
  side->change_count = changes->len;
  side->changes = arena_copy(arena, changes->data, changes->len * sizeof(Octets));
}

static void mark_pairs(Arena *arena, const Words *words, const GArray *pairs, DiffSide *sides[2])
{
  g_autoptr(GArray) left = g_array_new(false, false, sizeof(Octets));
  g_autoptr(GArray) right = g_array_new(false, false, sizeof(Octets));

  for (guint i = 0; i < pairs->len; i++) {
    AlignPair pair = g_array_index(pairs, AlignPair, i);
    bool together = pair.left != ALIGN_NONE && pair.right != ALIGN_NONE;

    if (together && score_words(words, pair.left, pair.right) > 0)
      continue;
    if (pair.left != ALIGN_NONE)
      add_change(left, words->texts[0], words->words[0][pair.left].octets);
    if (pair.right != ALIGN_NONE)
      add_change(right, words->texts[1], words->words[1][pair.right].octets);
  }
  set_changes(arena, sides[0], left);
  set_changes(arena, sides[1], right);
}

/* Marks all but the common start and the common end. */
static void mark_middle(Arena *arena, DiffSide *left, DiffSide *right)
{
  Slice a = left->text, b = right->text;
  size_t start = 0, end = 0, least = MIN(a.len, b.len);

  while (start < least && a.data[start] == b.data[start])
    start++;
  while (end < least - start && a.data[a.len - 1 - end] == b.data[b.len - 1 - end])
    end++;
  DiffSide *sides[] = {left, right};
  for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
    sides[i]->changes = arena_new(arena, Octets);
    *sides[i]->changes = (Octets){(uint32_t) start, (uint32_t) (sides[i]->text.len - start - end)};
    sides[i]->change_count = sides[i]->changes->len > 0;
  }
}

void diff_mark_words(Arena *arena, uint64_t *budget, DiffSide *left, DiffSide *right)
{
  g_autoptr(GArray) left_words = split_words(left->text);
  g_autoptr(GArray) right_words = split_words(right->text);
  g_autoptr(GArray) pairs = g_array_new(false, false, sizeof(AlignPair));
  DiffSide *sides[] = {left, right};

  if (!left_words || !right_words || (uint64_t) left_words->len * right_words->len > *budget) {
    mark_middle(arena, left, right);
    return;
  }
  Words words = {
    .texts = {left->text, right->text},
    .words = {(const Word *) (void *) left_words->data, (const Word *) (void *) right_words->data},
  };
  align_items(&(AlignInput){.left_count = left_words->len,
                            .right_count = right_words->len,
                            .score = score_words,
                            .data = &words,
                            .window = ALIGN_WINDOW_MAX,
                            .cost = 1,
                            .budget = budget},
              pairs);
  mark_pairs(arena, &words, pairs, sides);
  if (left->change_count + right->change_count == 0)
    mark_middle(arena, left, right);
}
