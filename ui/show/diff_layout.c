#include "ui/show/diff_layout.h"

enum { GUTTER_BESIDE = 3, GUTTER_BELOW = 2, LEAST_WIDTH = 8 };

char diff_row_mark(const DiffRow *row)
{
  static const char MARKS[] = {
    [DIFF_SAME] = ' ', [DIFF_EQUAL] = '~', [DIFF_CHANGED] = '|',
    [DIFF_LEFT] = '<', [DIFF_RIGHT] = '>',
  };

  return MARKS[row->kind];
}

/* --- texts --- */

/* Appends the text from *at up to `end`, and moves *at there. */
static void append_up_to(GString *to, Slice text, size_t *at, size_t end, TextCharset charset)
{
  text_append_safe(to, slice_head(slice_from(text, *at), end - *at), charset);
  *at = end;
}

static void make_diff_text(Arena *arena, const DiffSide *side, TextCharset charset,
                           DiffText *ret_text)
{
  g_autoptr(GString) text = g_string_new(NULL);
  size_t at = 0;

  *ret_text = (DiffText){.change_count = side->change_count};
  if (side->name.data) {
    text_append_safe(text, side->name, charset);
    ret_text->name_len = text->len;
    g_string_append(text, ": ");
  }
  ret_text->changes = arena_alloc(arena, side->change_count * sizeof(Octets));
  for (size_t i = 0; i < side->change_count; i++) {
    Octets change = side->changes[i];

    append_up_to(text, side->text, &at, change.offset, charset);
    uint32_t start = (uint32_t) text->len;
    append_up_to(text, side->text, &at, (size_t) change.offset + change.len, charset);
    ret_text->changes[i] = (Octets){start, (uint32_t) text->len - start};
  }
  append_up_to(text, side->text, &at, side->text.len, charset);
  ret_text->text = arena_dup(arena, slice_of(text->str, text->len));
}

/* --- lines --- */

typedef struct {
  Arena *arena;
  const DiffLayoutOptions *options;
  DiffLayout layout;
  GArray *lines; /* DiffLine */
} Builder;

/* The range of `text` from `at` on that fits on one line; at least one character. */
static Octets take_part(const Builder *builder, Slice text, size_t at)
{
  Slice rest = slice_from(text, at);
  unsigned used;
  size_t len = text_fit(rest, builder->layout.width, &used);

  if (len == 0 && rest.len > 0)
    utf8_next(rest, &len);
  else if (len < rest.len)
    len = text_break(rest, len);
  return (Octets){(uint32_t) at, (uint32_t) len};
}

/* The next part of each side that is chosen, until nothing of them is left. */
static void add_wrapped(Builder *builder, const DiffLine *start, const bool sides[DIFF_SIDES])
{
  size_t at[DIFF_SIDES] = {0, 0};
  bool more = true;

  for (bool first = true; first || more; first = false) {
    DiffLine line = *start;

    more = false;
    line.first = first && start->first;
    for (unsigned side = 0; side < DIFF_SIDES; side++) {
      Slice text = line.texts[side].text;
      line.has[side] = sides[side] && text.data && (first || at[side] < text.len);
      if (!line.has[side])
        continue;
      line.parts[side] = take_part(builder, text, at[side]);
      at[side] += line.parts[side].len;
      more |= at[side] < text.len;
    }
    g_array_append_val(builder->lines, line);
  }
}

static void lay_out_row(Builder *builder, const DiffRow *row)
{
  static const bool BOTH[] = {true, true}, LEFT[] = {true, false}, RIGHT[] = {false, true};
  const DiffSide *sides[] = {&row->left, &row->right};
  DiffLine line = {.row = row, .first = true};

  line.texts = arena_alloc0(builder->arena, DIFF_SIDES * sizeof(DiffText));
  for (unsigned side = 0; side < DIFF_SIDES; side++) {
    if (!sides[side]->text.data)
      continue;
    DiffText *text = &line.texts[side];
    make_diff_text(builder->arena, sides[side], builder->options->charset, text);
    if (row->kind == DIFF_LEFT || row->kind == DIFF_RIGHT) { /* all of it is changed */
      text->changes = arena_new(builder->arena, Octets);
      *text->changes = (Octets){0, (uint32_t) text->text.len};
      text->change_count = 1;
    }
  }
  if (builder->layout.beside) {
    add_wrapped(builder, &line, BOTH);
    return;
  }
  if (row->left.text.data)
    add_wrapped(builder, &line, LEFT);
  line.first = !row->left.text.data;
  if (row->right.text.data && row->kind != DIFF_SAME)
    add_wrapped(builder, &line, RIGHT);
}

static DiffLayout layout_for(unsigned width)
{
  bool beside = width >= DIFF_LAYOUT_BESIDE_FROM;
  unsigned gutter = beside ? GUTTER_BESIDE : GUTTER_BELOW;
  unsigned room = width > gutter ? width - gutter : 0;

  return (DiffLayout){
    .beside = beside,
    .gutter = gutter,
    .width = MAX(beside ? room / 2 : room, LEAST_WIDTH),
  };
}

DiffLayout diff_layout_build(Arena *arena, const MessageDiff *diff,
                             const DiffLayoutOptions *options)
{
  Builder builder = {
    .arena = arena,
    .options = options,
    .layout = layout_for(options->width),
    .lines = g_array_new(false, true, sizeof(DiffLine)),
  };
  DiffPlace place = DIFF_START_LINE;

  for (size_t i = 0; i < diff->count; i++) {
    const DiffRow *row = &diff->rows[i];

    if (options->only_differences && !diff_row_differs(row))
      continue;
    if (row->place == DIFF_BODY && place != DIFF_BODY && builder.lines->len > 0)
      g_array_set_size(builder.lines, builder.lines->len + 1);
    place = row->place;
    lay_out_row(&builder, row);
  }
  builder.layout.line_count = builder.lines->len;
  builder.layout.lines =
    arena_copy(arena, builder.lines->data, builder.lines->len * sizeof(DiffLine));
  g_array_unref(builder.lines);
  return builder.layout;
}
