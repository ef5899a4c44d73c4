#include "ui/show/diff_words.h"

#include <glib.h>

#include "ui/show/align.h"
#include "ui/show/text.h"

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
