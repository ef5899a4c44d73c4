#include "ui/show/ladder.h"

#include "capture/language.h"

/* Columns needed beside a label: "- label ->" on a roomy arrow, " label >" on a part of an arrow,
 * "label>" at least; and by the loop of a message to itself. */
enum { ARROW_ROOMY = 5, ARROW_PART = 3, ARROW_BARE = 1, LOOP = 5 };

typedef enum {
  NAMES_ONE_LINE,  /* 10.0.0.1:5060 */
  NAMES_TWO_LINES, /* the port below the address */
  NAMES_STAGGERED, /* every other name lower, so that each has twice the room */
} NameLayout;

typedef struct {
  bool even;       /* all gaps are equal */
  bool long_marks; /* "(retransmission)" rather than "(R)" */
  NameLayout names;
} LadderLayout;

/* State of ladder_build. */
typedef struct {
  Arena *arena;
  const LadderInput *input;
  const LadderOptions *options;
  Ladder ladder;
  Slice *long_labels, *short_labels;
  Slice *names;    /* of the columns that are drawn */
  unsigned *gaps;  /* column_count - 1 of them */
  unsigned wanted; /* of the widest gap, if no label was to be cut */
} LadderBuild;

/* --- labels and columns --- */

static const struct {
  unsigned mark;
  const char *long_text, *short_text;
} MARKS[] = {
  {LADDER_RETRANSMISSION, N_(" (retransmission)"), " (R)"},
  {LADDER_DUPLICATE, N_(" (duplicate)"), " (D)"},
  {LADDER_INCOMPLETE, N_(" (incomplete)"), " (!)"},
};

static Slice label_with_marks(Arena *arena, const LadderMessage *message, bool long_marks)
{
  g_autoptr(GString) text = NULL;

  if (message->marks == 0 && message->times < 2)
    return message->label;
  text = g_string_new_len(message->label.data, (gssize) message->label.len);
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->marks & MARKS[i].mark)
      g_string_append(text, long_marks ? _(MARKS[i].long_text) : MARKS[i].short_text);
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
      width +=
        text_width(slice_from_string(long_marks ? _(MARKS[i].long_text) : MARKS[i].short_text));
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

    if (message->number > 0)
      row->number = arena_dup(build->arena, slice_of(text, number_format(message->number, text)));
    clock_format(build->options->clock, message->time_ns, text);
    row->time = arena_dup(build->arena, slice_from_string(text));
    row->style = message->style;
    row->dashed = (message->marks & (LADDER_RETRANSMISSION | LADDER_DUPLICATE)) != 0;
    row->doubled = message->is_media;
    build->long_labels[i] = label_with_marks(build->arena, message, !build->options->dense);
    build->short_labels[i] = label_with_marks(build->arena, message, false);
    ladder->number_width = MAX(ladder->number_width, (unsigned) row->number.len);
    ladder->time_width = MAX(ladder->time_width, (unsigned) row->time.len);
  }
}

/* --- gaps between the lifelines --- */

/* From roomy to narrow: the first layout that fits is used, or the last one. */
static const LadderLayout LAYOUTS[] = {
  {true, true, NAMES_ONE_LINE},    {true, true, NAMES_TWO_LINES},   {false, true, NAMES_TWO_LINES},
  {false, false, NAMES_TWO_LINES}, {false, false, NAMES_STAGGERED},
};

/* The same for a dense ladder. */
static const LadderLayout DENSE_LAYOUTS[] = {
  {true, false, NAMES_ONE_LINE},
  {true, false, NAMES_TWO_LINES},
  {false, false, NAMES_TWO_LINES},
  {false, false, NAMES_STAGGERED},
};

/* The column in which an endpoint is drawn. */
static uint32_t drawn_column(const LadderBuild *build, uint32_t endpoint)
{
  uint32_t last = (uint32_t) build->ladder.column_count - 1;

  return MIN(endpoint, last);
}

/* Start of ":port" in a name, or its length; the last group of a bare IPv6 address looks the
 * same. */
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

/* Gap needed by two adjacent names, each centred over its lifeline. */
static unsigned gap_for_names(Slice left, Slice right, NameLayout layout)
{
  unsigned left_width = name_width(left, layout);

  return left_width - left_width / 2 + name_width(right, layout) / 2 + 1;
}

/* Spreads the width needed by a label evenly over the gaps under its arrow. */
static void widen_for_label(LadderBuild *build, LadderSpan span)
{
  uint32_t from = drawn_column(build, span.from), to = drawn_column(build, span.to);
  uint32_t left = MIN(from, to), right = MAX(from, to);
  unsigned need = MIN(span.label_width, LADDER_LABEL_MAX) + ARROW_ROOMY + 1;
  unsigned pieces = MAX(right - left, 1U), widest = MAX(span.label_width, span.media_width);

  build->wanted = MAX(build->wanted, (widest + ARROW_ROOMY + pieces) / pieces);
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

static unsigned least_gap(const LadderBuild *build)
{
  return build->options->dense ? LADDER_GAP_DENSE : LADDER_GAP_MIN;
}

static void size_gaps(LadderBuild *build, const LadderLayout *layout)
{
  const LadderInput *input = build->input;
  unsigned widest = 0;

  for (size_t i = 0; i + 1 < build->ladder.column_count; i++) {
    build->gaps[i] = least_gap(build);
    if (layout->names != NAMES_STAGGERED)
      build->gaps[i] =
        MAX(build->gaps[i], gap_for_names(build->names[i], build->names[i + 1], layout->names));
  }
  for (size_t i = 0; !input->spans && i < input->message_count; i++) {
    const LadderMessage *message = &input->messages[i];
    Slice label = layout->long_marks ? build->long_labels[i] : build->short_labels[i];

    widen_for_label(build, (LadderSpan){message->from, message->to, text_width(label)});
  }
  for (size_t i = 0; i < input->span_count; i++) {
    LadderSpan span = input->spans[i];

    if (layout->long_marks)
      span.label_width = MAX(span.label_width, span.long_width);
    widen_for_label(build, span);
  }
  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    widest = MAX(widest, build->gaps[i]);
  for (size_t i = 0; layout->even && i + 1 < build->ladder.column_count; i++)
    build->gaps[i] = widest;
}

static unsigned sum_gaps(const LadderBuild *build, unsigned most)
{
  unsigned sum = 0;

  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    sum += MIN(build->gaps[i], most);
  return sum;
}

/* x of the first lifeline: after number and time, with room for half of its name. */
static unsigned first_x(const LadderBuild *build, NameLayout names)
{
  unsigned gutter = build->ladder.number_width + 1 + build->ladder.time_width + 2;

  return MAX(gutter, name_width(build->names[0], names) / 2);
}

/* Total width available for gaps. */
static unsigned room_for_gaps(const LadderBuild *build, NameLayout names)
{
  Slice last = build->names[build->ladder.column_count - 1];
  unsigned width = name_width(last, names);
  unsigned taken = first_x(build, names) + (width - width / 2);

  return build->options->width > taken ? build->options->width - taken : 0;
}

/* Even gaps use the available room, up to a maximum. */
static void grow_gaps(LadderBuild *build, unsigned room)
{
  unsigned count = (unsigned) build->ladder.column_count - 1;
  unsigned wide = build->options->dense ? LADDER_GAP_WIDE_DENSE : LADDER_GAP_WIDE;

  if (build->options->dense && build->ladder.column_count <= LADDER_COLUMNS_FEW)
    wide = room; /* its labels are not known before they are shown */
  else if (build->ladder.column_count <= LADDER_COLUMNS_FEW)
    wide = MAX(wide, build->wanted);
  for (unsigned i = 0; i < count; i++) {
    unsigned most = MAX(build->gaps[i], wide);
    build->gaps[i] = MAX(build->gaps[i], MIN(room / count, most));
  }
}

static const LadderLayout *choose_layout(LadderBuild *build)
{
  const LadderLayout *layout = build->options->dense ? DENSE_LAYOUTS : LAYOUTS;
  const LadderLayout *last = build->options->dense ? &DENSE_LAYOUTS[G_N_ELEMENTS(DENSE_LAYOUTS) - 1]
                                                   : &LAYOUTS[G_N_ELEMENTS(LAYOUTS) - 1];

  for (;; layout++) {
    size_gaps(build, layout);
    unsigned room = room_for_gaps(build, layout->names);
    if (sum_gaps(build, G_MAXUINT) <= room) {
      if (layout->even && build->ladder.column_count > 1)
        grow_gaps(build, room);
      return layout;
    }
    if (layout == last)
      break;
  }
  build->ladder.cramped = true;
  /* The widest gaps are reduced first, down to the minimum. */
  unsigned most = LADDER_LABEL_MAX + ARROW_ROOMY + 1, room = room_for_gaps(build, last->names);
  while (most > least_gap(build) && sum_gaps(build, most) > room)
    most--;
  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    build->gaps[i] = MIN(build->gaps[i], most);
  return last;
}

/* --- names of the columns --- */

/* Number of bytes of `text` that fit into `width`, cut after a dot or colon if there is one. */
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

/* A name on up to three lines of `width`: address, rest of the address, port. */
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

/* A name on one line if it fits; the last name ends at the right edge. */
static void put_dense_name(const LadderBuild *build, size_t i, unsigned width)
{
  LadderColumn *column = &build->ladder.columns[i];
  bool last = i > 0 && i + 1 == build->ladder.column_count;
  unsigned right = 0; /* of the lifeline, to the edge */

  if (last && build->options->width > column->x)
    right = build->options->width - column->x;
  if (right > 0)
    width = MIN(width, build->gaps[i - 1] + right); /* it may be moved to the left */
  if (text_width(build->names[i]) <= width)
    put_name_line(column, build->names[i], width);
  else
    split_name(column, build->names[i], width);
  for (unsigned line = column->name_top; right > 0 && line < column->name_end; line++) {
    LadderName *name = &column->name[line];

    name->x = MIN(name->x, column->x + right - MIN(column->x + right, name->width));
  }
}

static void place_name(LadderBuild *build, size_t i, NameLayout layout)
{
  LadderColumn *column = &build->ladder.columns[i];

  if (layout == NAMES_ONE_LINE) {
    put_name_line(column, build->names[i], G_MAXINT);
    return;
  }
  if (layout == NAMES_TWO_LINES) {
    split_name(column, build->names[i], G_MAXINT);
    return;
  }
  /* a staggered name has room up to the neighbouring lifelines */
  unsigned left = i > 0 ? build->gaps[i - 1] : G_MAXUINT;
  unsigned right = i + 1 < build->ladder.column_count ? build->gaps[i] : G_MAXUINT;
  unsigned least = MIN(left, right);
  unsigned width = least == G_MAXUINT ? column->x * 2 : MIN(2 * least - 1, column->x * 2);
  if (build->options->dense)
    put_dense_name(build, i, width);
  else
    split_name(column, build->names[i], width);
}

/* Below the name, where that leaves room: staggered names need all lines. */
static void place_role(LadderBuild *build, size_t i, NameLayout layout)
{
  const LadderInput *input = build->input;
  bool is_others = i + 1 == build->ladder.column_count && i + 1 < input->name_count;

  if (input->roles && input->roles[i].len > 0 && layout != NAMES_STAGGERED && !is_others)
    put_name_line(&build->ladder.columns[i], input->roles[i], G_MAXINT);
}

/* Places names from column `first` on (every other one if staggered), starting on line `top`. */
static void place_names_at(LadderBuild *build, NameLayout layout, size_t first, unsigned top)
{
  Ladder *ladder = &build->ladder;
  size_t step = layout == NAMES_STAGGERED ? 2 : 1;

  for (size_t i = first; i < ladder->column_count; i += step) {
    LadderColumn *column = &ladder->columns[i];

    column->name_top = column->name_end = top;
    place_name(build, i, layout);
    place_role(build, i, layout);
    ladder->name_lines = MAX(ladder->name_lines, column->name_end);
    for (unsigned line = column->name_top; line < column->name_end; line++)
      ladder->width = MAX(ladder->width, column->name[line].x + column->name[line].width);
  }
}

/* Part of a line available to a label (inclusive), and the columns needed by the arrow. */
typedef struct {
  unsigned start, end, arrow;
} Span;

static unsigned span_len(Span span)
{
  return span.end >= span.start ? span.end - span.start + 1 : 0;
}

/* Centres the label between two lifelines; false if it does not fit. */
static bool put_label(LadderRow *row, Slice label, Span span)
{
  unsigned width = text_width(label), room = span_len(span);

  if (width + span.arrow > room)
    return false;
  row->label = label;
  row->label_width = width;
  /* the head occupies one column at its end */
  row->label_x = span.start + (row->to_right ? 0 : 1) + (room - 1 - width) / 2;
  return true;
}

/* Of a stream something must be seen of its double line. */
static unsigned room_of_arrow(const LadderRow *row, bool is_part)
{
  if (row->doubled)
    return ARROW_ROOMY;
  return is_part ? ARROW_PART : ARROW_BARE;
}

/* Tries the pieces of the arrow between adjacent lifelines, from its middle outwards. */
static bool put_label_on_piece(const LadderBuild *build, LadderRow *row, Slice label,
                               const uint32_t ends[2])
{
  const LadderColumn *columns = build->ladder.columns;
  uint32_t middle = (ends[0] + ends[1] - 1) / 2;
  unsigned arrow = room_of_arrow(row, ends[1] - ends[0] > 1);

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

/* Shortens the label but keeps its marks. */
static void cut_label(const LadderBuild *build, size_t index, Span span)
{
  const LadderMessage *message = &build->input->messages[index];
  LadderRow *row = &build->ladder.rows[index];
  Slice marks = slice_from(build->short_labels[index], message->label.len);
  unsigned marks_width = text_width(marks), room = span_len(span);
  unsigned most = room > span.arrow ? room - span.arrow : 0;
  g_autoptr(GString) text = g_string_new(NULL);

  text_append_clipped(text, message->short_label.data ? message->short_label : message->label,
                      most > marks_width ? most - marks_width : 0, build->options->charset);
  g_string_append_len(text, marks.data, (gssize) marks.len);
  Slice cut = arena_dup(build->arena, slice_of(text->str, text->len));
  if (put_label(row, cut, span)) /* a short label may fit with room to spare */
    return;
  row->label = cut;
  row->label_width = most;
  row->label_x = span.start + (row->to_right ? 0 : 1);
}

static void place_arrow(const LadderBuild *build, size_t index, const uint32_t ends[2])
{
  LadderRow *row = &build->ladder.rows[index];
  Slice long_label = build->long_labels[index], short_label = build->short_labels[index];
  Span whole = {row->left + 1, row->right - 1, room_of_arrow(row, false)};

  if (put_label_on_piece(build, row, long_label, ends) ||
      put_label_on_piece(build, row, short_label, ends) || put_label(row, long_label, whole) ||
      put_label(row, short_label, whole))
    return;
  cut_label(build, index, whole);
}

/* A message to itself is a loop right of its lifeline (left of the last one), followed by the
 * label, which may cover other lifelines. */
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
  uint32_t from = drawn_column(build, message->from), to = drawn_column(build, message->to);
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
  size_t count = MIN(input->name_count, LADDER_COLUMNS_MAX);
  build.ladder.column_count = count;
  build.ladder.columns = arena_alloc0(build.arena, count * sizeof(LadderColumn));
  build.gaps = arena_alloc0(build.arena, count * sizeof(unsigned));
  build.names = arena_alloc(build.arena, count * sizeof(Slice));
  for (size_t i = 0; i < count; i++)
    build.names[i] = input->names[i];
  if (count < input->name_count)
    build.names[count - 1] = SLICE("others");
  build_texts(&build);
  const LadderLayout *layout = choose_layout(&build);
  unsigned x = first_x(&build, layout->names);
  for (size_t i = 0; i < build.ladder.column_count; i++) {
    build.ladder.columns[i].x = x;
    x += build.gaps[i];
  }
  Ladder *ladder = &build.ladder;
  place_names_at(&build, layout->names, 0, 0);
  if (layout->names == NAMES_STAGGERED)
    place_names_at(&build, layout->names, 1,
                   build.options->dense ? ladder->name_lines : LADDER_NAME_LINES / 2);
  ladder->width = MAX(ladder->width, ladder->columns[ladder->column_count - 1].x + 1);
  for (size_t i = 0; i < input->message_count; i++)
    place_row(&build, i);
  return build.ladder;
}
