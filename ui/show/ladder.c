#include "ui/show/ladder_build.h"

static const struct {
  unsigned mark;
  const char *long_text, *short_text;
} MARKS[] = {
  {LADDER_RETRANSMISSION, " (retransmission)", " (R)"},
  {LADDER_DUPLICATE, " (duplicate)", " (D)"},
  {LADDER_INCOMPLETE, " (incomplete)", " (!)"},
};

static Slice label_with_marks(Arena *arena, const LadderMessage *message, bool long_marks)
{
  g_autoptr(GString) text = NULL;

  if (message->marks == 0 && message->times < 2)
    return message->label;
  text = g_string_new_len(message->label.data, (gssize) message->label.len);
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->marks & MARKS[i].mark)
      g_string_append(text, long_marks ? MARKS[i].long_text : MARKS[i].short_text);
  if (message->times > 1)
    g_string_append_printf(text, " x%u", message->times);
  return arena_dup(arena, slice_of(text->str, text->len));
}

unsigned ladder_label_width(const LadderMessage *message, bool long_marks)
{
  unsigned width = text_width(message->label);
  char times[TIME_TEXT_MAX];

  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->marks & MARKS[i].mark)
      width += (unsigned) strlen(long_marks ? MARKS[i].long_text : MARKS[i].short_text);
  if (message->times > 1)
    width += (unsigned) (strlen(" x") + number_format(message->times, times));
  return width;
}

static void build_texts(LadderBuild *build)
{
  const LadderInput *input = build->input;
  Ladder *ladder = &build->ladder;
  char text[TIME_TEXT_MAX];

  ladder->number_width = build->options->number_width;
  ladder->time_width = build->options->time_width;
  ladder->row_count = input->message_count;
  ladder->rows = arena_alloc0(build->arena, input->message_count * sizeof *ladder->rows);
  build->long_labels = arena_alloc(build->arena, input->message_count * sizeof(Slice));
  build->short_labels = arena_alloc(build->arena, input->message_count * sizeof(Slice));
  for (size_t i = 0; i < input->message_count; i++) {
    const LadderMessage *message = &input->messages[i];
    LadderRow *row = &ladder->rows[i];

    row->number = arena_dup(build->arena, slice_of(text, number_format(message->number, text)));
    clock_format(build->options->clock, message->time_ns, text);
    row->time = arena_dup(build->arena, slice_from_string(text));
    row->style = message->style;
    row->dashed = (message->marks & (LADDER_RETRANSMISSION | LADDER_DUPLICATE)) != 0;
    build->long_labels[i] = label_with_marks(build->arena, message, !build->options->dense);
    build->short_labels[i] = label_with_marks(build->arena, message, false);
    ladder->number_width = MAX(ladder->number_width, (unsigned) row->number.len);
    ladder->time_width = MAX(ladder->time_width, (unsigned) row->time.len);
  }
}

static void build_columns(LadderBuild *build)
{
  const LadderInput *input = build->input;
  size_t count = MIN(input->name_count, LADDER_COLUMNS_MAX);

  build->ladder.column_count = count;
  build->ladder.columns = arena_alloc0(build->arena, count * sizeof(LadderColumn));
  build->gaps = arena_alloc0(build->arena, count * sizeof(unsigned));
  build->names = arena_alloc(build->arena, count * sizeof(Slice));
  for (size_t i = 0; i < count; i++)
    build->names[i] = input->names[i];
  if (count < input->name_count)
    build->names[count - 1] = SLICE("others");
}

static void place_lifelines(LadderBuild *build, const LadderLayout *layout)
{
  unsigned x = ladder_first_x(build, layout->names);

  for (size_t i = 0; i < build->ladder.column_count; i++) {
    build->ladder.columns[i].x = x;
    x += build->gaps[i];
  }
}

/* The octets of `text` that fit into `width`, cut behind a dot or colon where there is one. */
static size_t wrap_address(Slice text, unsigned width)
{
  unsigned used;
  size_t fits = text_fit(text, width, &used), at = fits;

  if (fits == text.len)
    return fits;
  while (at > 0 && text.data[at - 1] != ':' && text.data[at - 1] != '.')
    at--;
  return at > 0 ? at : fits;
}

static void put_name_line(LadderColumn *column, Slice text, unsigned most)
{
  LadderName *name = &column->name[column->name_end++];
  unsigned width = MIN(text_width(text), most);

  *name = (LadderName){text, column->x - width / 2, width};
}

/* Columns right of the lifeline, up to the edge of what was asked for. */
static unsigned room_to_edge(const LadderBuild *build, const LadderColumn *column)
{
  return build->options->width > column->x ? build->options->width - column->x : 0;
}

/* A name on up to three lines of `width`: address, its rest, port. */
static void split_name(LadderColumn *column, Slice name, unsigned width)
{
  size_t port = ladder_port_start(name);
  Slice address = slice_head(name, port);
  size_t first = wrap_address(address, width);

  put_name_line(column, slice_head(address, first), width);
  if (first < address.len)
    put_name_line(column, slice_from(address, first), width);
  if (port < name.len)
    put_name_line(column, slice_from(name, port), width);
}

/* A name on one line where that is wide enough for it; the last one ends at the edge. */
static void put_dense_name(const LadderBuild *build, size_t i, unsigned width)
{
  LadderColumn *column = &build->ladder.columns[i];
  bool last = i > 0 && i + 1 == build->ladder.column_count;
  unsigned right = last ? room_to_edge(build, column) : 0;

  if (right > 0)
    width = MIN(width, build->gaps[i - 1] + right); /* it has moved to the left, then */
  if (text_width(build->names[i]) <= width)
    put_name_line(column, build->names[i], width);
  else
    split_name(column, build->names[i], width);
  for (unsigned line = column->name_top; right > 0 && line < column->name_end; line++) {
    LadderName *name = &column->name[line];

    name->x = MIN(name->x, column->x + right - MIN(column->x + right, name->width));
  }
}

/* Of a staggered name: between the lifelines beside it. */
static unsigned staggered_width(const LadderBuild *build, size_t i)
{
  unsigned left = i > 0 ? build->gaps[i - 1] : G_MAXUINT;
  unsigned right = i + 1 < build->ladder.column_count ? build->gaps[i] : G_MAXUINT;
  unsigned least = MIN(left, right);
  unsigned x = build->ladder.columns[i].x;

  return least == G_MAXUINT ? x * 2 : MIN(2 * least - 1, x * 2);
}

static void place_name(LadderBuild *build, size_t i, NameLayout layout)
{
  LadderColumn *column = &build->ladder.columns[i];

  if (layout == NAMES_ONE_LINE)
    put_name_line(column, build->names[i], G_MAXINT);
  else if (layout == NAMES_TWO_LINES)
    split_name(column, build->names[i], G_MAXINT);
  else if (build->options->dense)
    put_dense_name(build, i, staggered_width(build, i));
  else
    split_name(column, build->names[i], staggered_width(build, i));
}

/* From that column on, their first lines on line `top`; of a staggered layout every other one. */
static void place_names_at(LadderBuild *build, NameLayout layout, size_t first, unsigned top)
{
  Ladder *ladder = &build->ladder;
  size_t step = layout == NAMES_STAGGERED ? 2 : 1;

  for (size_t i = first; i < ladder->column_count; i += step) {
    LadderColumn *column = &ladder->columns[i];

    column->name_top = column->name_end = top;
    place_name(build, i, layout);
    ladder->name_lines = MAX(ladder->name_lines, column->name_end);
    for (unsigned line = column->name_top; line < column->name_end; line++)
      ladder->width = MAX(ladder->width, column->name[line].x + column->name[line].width);
  }
}

static void place_names(LadderBuild *build, NameLayout layout)
{
  Ladder *ladder = &build->ladder;

  place_names_at(build, layout, 0, 0);
  if (layout == NAMES_STAGGERED)
    place_names_at(build, layout, 1,
                   build->options->dense ? ladder->name_lines : LADDER_NAME_LINES / 2);
  ladder->width = MAX(ladder->width, ladder->columns[ladder->column_count - 1].x + 1);
}

/* Part of a line a label may be on, ends included, and what the arrow needs of it. */
typedef struct {
  unsigned start, end, arrow;
} Span;

static unsigned span_len(Span span)
{
  return span.end >= span.start ? span.end - span.start + 1 : 0;
}

/* Centres the label in the part of the arrow between two lifelines; false when it does not fit. */
static bool put_label(LadderRow *row, Slice label, Span span)
{
  unsigned width = text_width(label), room = span_len(span);

  if (width + span.arrow > room)
    return false;
  row->label = label;
  row->label_width = width;
  /* The head takes one place at its end. */
  row->label_x = span.start + (row->to_right ? 0 : 1) + (room - 1 - width) / 2;
  return true;
}

/* On the piece of the arrow nearest to its middle that has room for the label. */
static bool put_label_on_piece(const LadderBuild *build, LadderRow *row, Slice label,
                               const uint32_t ends[2])
{
  const LadderColumn *columns = build->ladder.columns;
  uint32_t middle = (ends[0] + ends[1] - 1) / 2;
  unsigned arrow = ends[1] - ends[0] > 1 ? ARROW_PART : ARROW_BARE;

  for (uint32_t i = 0; i <= ends[1] - ends[0]; i++) {
    uint32_t step = (i + 1) / 2;
    bool before = i % 2 == 1;

    if (before ? step > middle - ends[0] : middle + step >= ends[1])
      continue;
    uint32_t piece = before ? middle - step : middle + step;
    if (put_label(row, label, (Span){columns[piece].x + 1, columns[piece + 1].x - 1, arrow}))
      return true;
  }
  return false;
}

/* The label's end gives way, not its marks. */
static Slice cut_before_marks(const LadderBuild *build, size_t index, unsigned width)
{
  const LadderMessage *message = &build->input->messages[index];
  Slice marks = slice_from(build->short_labels[index], message->label.len);
  unsigned marks_width = text_width(marks);
  g_autoptr(GString) text = g_string_new(NULL);

  text_append_clipped(text, message->short_label.data ? message->short_label : message->label,
                      width > marks_width ? width - marks_width : 0, build->options->charset);
  g_string_append_len(text, marks.data, (gssize) marks.len);
  return arena_dup(build->arena, slice_of(text->str, text->len));
}

static void cut_label(const LadderBuild *build, size_t index, Span span)
{
  LadderRow *row = &build->ladder.rows[index];
  unsigned room = span_len(span);
  unsigned most = room > span.arrow ? room - span.arrow : 0;
  Slice cut = cut_before_marks(build, index, most);

  if (put_label(row, cut, span)) /* a short one may leave room at both sides */
    return;
  row->label = cut;
  row->label_width = most;
  row->label_x = span.start + (row->to_right ? 0 : 1);
}

static void place_arrow(const LadderBuild *build, size_t index, const uint32_t ends[2])
{
  LadderRow *row = &build->ladder.rows[index];
  Slice long_label = build->long_labels[index], short_label = build->short_labels[index];
  Span whole = {row->left + 1, row->right - 1, ARROW_BARE};

  if (put_label_on_piece(build, row, long_label, ends) ||
      put_label_on_piece(build, row, short_label, ends) || put_label(row, long_label, whole) ||
      put_label(row, short_label, whole))
    return;
  cut_label(build, index, whole);
}

/* A message to itself loops beside its lifeline, at the last one on the left; the label
 * stands behind the loop, and may cover other lifelines. */
static void place_loop(const LadderBuild *build, size_t index, uint32_t column)
{
  const Ladder *ladder = &build->ladder;
  LadderRow *row = &ladder->rows[index];
  unsigned width;

  row->to_right = column > 0 && column == ladder->column_count - 1;
  unsigned edge = MAX(build->options->width, ladder->width);
  unsigned room = row->to_right ? row->left - ladder->columns[0].x - LOOP - 1
                                : edge - MIN(edge, row->left + LOOP);
  width = text_width(build->long_labels[index]);
  row->label = width <= room ? build->long_labels[index] : build->short_labels[index];
  width = text_width(row->label);
  row->label_width = MIN(width, room);
  row->label_x = row->to_right ? row->left - LOOP + 1 - row->label_width : row->left + LOOP;
}

static void place_row(const LadderBuild *build, size_t index)
{
  const LadderMessage *message = &build->input->messages[index];
  uint32_t from = ladder_column_of(build, message->from), to = ladder_column_of(build, message->to);
  uint32_t ends[2] = {MIN(from, to), MAX(from, to)};
  LadderRow *row = &build->ladder.rows[index];

  row->left = build->ladder.columns[ends[0]].x;
  row->right = build->ladder.columns[ends[1]].x;
  row->to_right = from < to;
  if (from == to)
    place_loop(build, index, from);
  else
    place_arrow(build, index, ends);
}

Ladder ladder_build(Arena *arena, const LadderInput *input, const LadderOptions *options)
{
  LadderBuild build = {.arena = arena, .input = input, .options = options};

  if (input->name_count == 0)
    return build.ladder;
  build_columns(&build);
  build_texts(&build);
  const LadderLayout *layout = ladder_choose_layout(&build);
  place_lifelines(&build, layout);
  place_names(&build, layout->names);
  for (size_t i = 0; i < input->message_count; i++)
    place_row(&build, i);
  return build.ladder;
}
