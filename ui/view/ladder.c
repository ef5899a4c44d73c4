#include "ui/view/ladder.h"

/* What an arrow takes beside its label: "- label ->" where there is room, " label >" on a part of
 * it, else "label>"; and what the loop of a message to itself takes. */
enum { ARROW_ROOMY = 5, ARROW_PART = 3, ARROW_BARE = 1, LOOP = 5 };

typedef enum {
  NAMES_ONE_LINE,  /* 10.0.0.1:5060 */
  NAMES_TWO_LINES, /* the port below the address */
  NAMES_STAGGERED, /* every other column's lower, so that each has twice the room */
} NameLayout;

/* Layouts from roomy to narrow: the first that fits is taken, or the last. */
static const struct Layout {
  bool even;       /* all gaps are the same */
  bool long_marks; /* "(retransmission)" rather than "(R)" */
  NameLayout names;
} LAYOUTS[] = {
  {true, true, NAMES_ONE_LINE},    {true, true, NAMES_TWO_LINES},   {false, true, NAMES_TWO_LINES},
  {false, false, NAMES_TWO_LINES}, {false, false, NAMES_STAGGERED},
};
typedef struct Layout Layout;

static const struct {
  unsigned mark;
  const char *long_text, *short_text;
} MARKS[] = {
  {LADDER_RETRANSMISSION, " (retransmission)", " (R)"},
  {LADDER_DUPLICATE, " (duplicate)", " (D)"},
  {LADDER_INCOMPLETE, " (incomplete)", " (!)"},
};

/* What a build works on. */
typedef struct {
  Arena *arena;
  const LadderInput *input;
  const LadderOptions *options;
  Ladder ladder;
  Slice *long_labels, *short_labels;
  Slice *names;   /* of the columns that are drawn */
  unsigned *gaps; /* column_count - 1 of them */
} Build;

static uint32_t column_of(const Build *build, uint32_t endpoint)
{
  uint32_t last = (uint32_t) build->ladder.column_count - 1;

  return MIN(endpoint, last);
}

static Slice label_with_marks(Arena *arena, const LadderMessage *message, bool long_marks)
{
  g_autoptr(GString) text = NULL;

  if (message->marks == 0)
    return message->label;
  text = g_string_new_len(message->label.data, (gssize) message->label.len);
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->marks & MARKS[i].mark)
      g_string_append(text, long_marks ? MARKS[i].long_text : MARKS[i].short_text);
  return arena_dup(arena, slice_of(text->str, text->len));
}

static void build_texts(Build *build)
{
  const LadderInput *input = build->input;
  Ladder *ladder = &build->ladder;
  char text[TIME_TEXT_MAX];

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
    build->long_labels[i] = label_with_marks(build->arena, message, true);
    build->short_labels[i] = label_with_marks(build->arena, message, false);
    ladder->number_width = MAX(ladder->number_width, (unsigned) row->number.len);
    ladder->time_width = MAX(ladder->time_width, (unsigned) row->time.len);
  }
}

static void build_columns(Build *build)
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

/* Where the port begins: at the last colon, but not inside of a bare address. */
static size_t port_start(Slice name)
{
  size_t at = name.len;

  while (at > 0 && g_ascii_isdigit(name.data[at - 1]))
    at--;
  return at > 0 && name.data[at - 1] == ':' ? at - 1 : name.len;
}

/* The widest line of a name. */
static unsigned name_width(Slice name, NameLayout layout)
{
  if (layout == NAMES_ONE_LINE)
    return text_width(name);
  size_t port = port_start(name);
  return MAX(text_width(slice_head(name, port)), text_width(slice_from(name, port)));
}

/* Gap for two names side by side, each centred over its lifeline. */
static unsigned gap_for_names(Slice left, Slice right, NameLayout layout)
{
  unsigned left_width = name_width(left, layout);

  return left_width - left_width / 2 + name_width(right, layout) / 2 + 1;
}

/* Each gap under the arrow wide enough for its share of the label. */
static void widen_for_label(Build *build, const LadderMessage *message, unsigned label_width)
{
  uint32_t from = column_of(build, message->from), to = column_of(build, message->to);
  uint32_t left = MIN(from, to), right = MAX(from, to);
  unsigned need = MIN(label_width, LADDER_LABEL_MAX) + ARROW_ROOMY + 1;

  if (left == right) { /* to itself: drawn beside the lifeline */
    if (build->ladder.column_count == 1)
      return;
    left = right == build->ladder.column_count - 1 ? right - 1 : left;
    right = left + 1;
  }
  need = (need + right - left - 1) / (right - left);
  for (uint32_t i = left; i < right; i++)
    build->gaps[i] = MAX(build->gaps[i], need);
}

static void size_gaps(Build *build, const Layout *layout)
{
  const Slice *labels = layout->long_marks ? build->long_labels : build->short_labels;
  unsigned widest = 0;

  for (size_t i = 0; i + 1 < build->ladder.column_count; i++) {
    build->gaps[i] = LADDER_GAP_MIN;
    if (layout->names != NAMES_STAGGERED)
      build->gaps[i] =
        MAX(build->gaps[i], gap_for_names(build->names[i], build->names[i + 1], layout->names));
  }
  for (size_t i = 0; i < build->input->message_count; i++)
    widen_for_label(build, &build->input->messages[i], text_width(labels[i]));
  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    widest = MAX(widest, build->gaps[i]);
  for (size_t i = 0; layout->even && i + 1 < build->ladder.column_count; i++)
    build->gaps[i] = widest;
}

static unsigned sum_gaps(const Build *build, unsigned most)
{
  unsigned sum = 0;

  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    sum += MIN(build->gaps[i], most);
  return sum;
}

/* Of the first lifeline: behind the numbers and times, and with room for half its name. */
static unsigned first_x(const Build *build, NameLayout names)
{
  unsigned gutter = build->ladder.number_width + 1 + build->ladder.time_width + 2;

  return MAX(gutter, name_width(build->names[0], names) / 2);
}

/* Room for all gaps together. */
static unsigned room_for_gaps(const Build *build, NameLayout names)
{
  Slice last = build->names[build->ladder.column_count - 1];
  unsigned width = name_width(last, names);
  unsigned taken = first_x(build, names) + (width - width / 2);

  return build->options->width > taken ? build->options->width - taken : 0;
}

/* Even gaps take what room there is, up to a point. */
static void grow_gaps(Build *build, unsigned room)
{
  unsigned count = (unsigned) build->ladder.column_count - 1;

  for (unsigned i = 0; i < count; i++) {
    unsigned most = MAX(build->gaps[i], LADDER_GAP_WIDE);
    build->gaps[i] = MAX(build->gaps[i], MIN(room / count, most));
  }
}

/* The widest gaps give way first, down to the least. */
static void shrink_gaps(Build *build, unsigned room)
{
  unsigned most = LADDER_LABEL_MAX + ARROW_ROOMY + 1;

  while (most > LADDER_GAP_MIN && sum_gaps(build, most) > room)
    most--;
  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    build->gaps[i] = MIN(build->gaps[i], most);
}

static const Layout *choose_layout(Build *build)
{
  const Layout *layout = &LAYOUTS[0];

  for (size_t i = 0; i < G_N_ELEMENTS(LAYOUTS); i++) {
    layout = &LAYOUTS[i];
    size_gaps(build, layout);
    unsigned room = room_for_gaps(build, layout->names);
    if (sum_gaps(build, G_MAXUINT) > room)
      continue;
    if (layout->even && build->ladder.column_count > 1)
      grow_gaps(build, room);
    return layout;
  }
  shrink_gaps(build, room_for_gaps(build, layout->names));
  return layout;
}

static void place_lifelines(Build *build, const Layout *layout)
{
  unsigned x = first_x(build, layout->names);

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

/* A name on up to three lines of `width`: address, its rest, port. */
static void split_name(LadderColumn *column, Slice name, unsigned width)
{
  size_t port = port_start(name);
  Slice address = slice_head(name, port);
  size_t first = wrap_address(address, width);

  put_name_line(column, slice_head(address, first), width);
  if (first < address.len)
    put_name_line(column, slice_from(address, first), width);
  if (port < name.len)
    put_name_line(column, slice_from(name, port), width);
}

/* Of a staggered name: between the lifelines beside it. */
static unsigned staggered_width(const Build *build, size_t i)
{
  unsigned left = i > 0 ? build->gaps[i - 1] : G_MAXUINT;
  unsigned right = i + 1 < build->ladder.column_count ? build->gaps[i] : G_MAXUINT;
  unsigned least = MIN(left, right);
  unsigned x = build->ladder.columns[i].x;

  return least == G_MAXUINT ? x * 2 : MIN(2 * least - 1, x * 2);
}

static void place_names(Build *build, NameLayout layout)
{
  Ladder *ladder = &build->ladder;

  for (size_t i = 0; i < ladder->column_count; i++) {
    LadderColumn *column = &ladder->columns[i];
    bool low = layout == NAMES_STAGGERED && i % 2 == 1;

    column->name_top = column->name_end = low ? LADDER_NAME_LINES / 2 : 0;
    if (layout == NAMES_ONE_LINE)
      put_name_line(column, build->names[i], G_MAXINT);
    else
      split_name(column, build->names[i],
                 layout == NAMES_STAGGERED ? staggered_width(build, i) : G_MAXINT);
    ladder->name_lines = MAX(ladder->name_lines, column->name_end);
    for (unsigned line = column->name_top; line < column->name_end; line++)
      ladder->width = MAX(ladder->width, column->name[line].x + column->name[line].width);
  }
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
static bool put_label_on_piece(const Build *build, LadderRow *row, Slice label,
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
static Slice cut_before_marks(const Build *build, size_t index, unsigned width)
{
  Slice label = build->input->messages[index].label;
  Slice marks = slice_from(build->short_labels[index], label.len);
  unsigned marks_width = text_width(marks);
  g_autoptr(GString) text = g_string_new(NULL);

  text_append_clipped(text, label, width > marks_width ? width - marks_width : 0,
                      build->options->charset);
  g_string_append_len(text, marks.data, (gssize) marks.len);
  return arena_dup(build->arena, slice_of(text->str, text->len));
}

static void cut_label(const Build *build, size_t index, Span span)
{
  LadderRow *row = &build->ladder.rows[index];
  unsigned room = span_len(span);

  row->label_width = room > span.arrow ? room - span.arrow : 0;
  row->label = cut_before_marks(build, index, row->label_width);
  row->label_x = span.start + (row->to_right ? 0 : 1);
}

static void place_arrow(const Build *build, size_t index, const uint32_t ends[2])
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
static void place_loop(const Build *build, size_t index, uint32_t column)
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

static void place_row(const Build *build, size_t index)
{
  const LadderMessage *message = &build->input->messages[index];
  uint32_t from = column_of(build, message->from), to = column_of(build, message->to);
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
  Build build = {.arena = arena, .input = input, .options = options};

  if (input->name_count == 0)
    return build.ladder;
  build_columns(&build);
  build_texts(&build);
  const Layout *layout = choose_layout(&build);
  place_lifelines(&build, layout);
  place_names(&build, layout->names);
  for (size_t i = 0; i < input->message_count; i++)
    place_row(&build, i);
  return build.ladder;
}
