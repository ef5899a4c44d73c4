/* How far apart the lifelines of a ladder stand. */
#include "ui/show/ladder_build.h"

/* Layouts from roomy to narrow: the first that fits is taken, or the last. */
static const LadderLayout LAYOUTS[] = {
  {true, true, NAMES_ONE_LINE},    {true, true, NAMES_TWO_LINES},   {false, true, NAMES_TWO_LINES},
  {false, false, NAMES_TWO_LINES}, {false, false, NAMES_STAGGERED},
};

/* Of a dense ladder. */
static const LadderLayout DENSE_LAYOUTS[] = {
  {true, false, NAMES_ONE_LINE},
  {true, false, NAMES_TWO_LINES},
  {false, false, NAMES_TWO_LINES},
  {false, false, NAMES_STAGGERED},
};

uint32_t ladder_column_of(const LadderBuild *build, uint32_t endpoint)
{
  uint32_t last = (uint32_t) build->ladder.column_count - 1;

  return MIN(endpoint, last);
}

size_t ladder_port_start(Slice name)
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
  size_t port = ladder_port_start(name);
  return MAX(text_width(slice_head(name, port)), text_width(slice_from(name, port)));
}

/* Gap for two names side by side, each centred over its lifeline. */
static unsigned gap_for_names(Slice left, Slice right, NameLayout layout)
{
  unsigned left_width = name_width(left, layout);

  return left_width - left_width / 2 + name_width(right, layout) / 2 + 1;
}

/* Each gap under the arrow wide enough for its share of the label. */
static void widen_for_label(LadderBuild *build, LadderSpan span)
{
  uint32_t from = ladder_column_of(build, span.from), to = ladder_column_of(build, span.to);
  uint32_t left = MIN(from, to), right = MAX(from, to);
  unsigned need = MIN(span.label_width, LADDER_LABEL_MAX) + ARROW_ROOMY + 1;

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

static void widen_for_messages(LadderBuild *build, const LadderLayout *layout)
{
  const Slice *labels = layout->long_marks ? build->long_labels : build->short_labels;
  const LadderInput *input = build->input;

  for (size_t i = 0; i < input->message_count; i++) {
    const LadderMessage *message = &input->messages[i];

    widen_for_label(build, (LadderSpan){message->from, message->to, text_width(labels[i])});
  }
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
  if (!input->spans)
    widen_for_messages(build, layout);
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

unsigned ladder_first_x(const LadderBuild *build, NameLayout names)
{
  unsigned gutter = build->ladder.number_width + 1 + build->ladder.time_width + 2;

  return MAX(gutter, name_width(build->names[0], names) / 2);
}

/* Room for all gaps together. */
static unsigned room_for_gaps(const LadderBuild *build, NameLayout names)
{
  Slice last = build->names[build->ladder.column_count - 1];
  unsigned width = name_width(last, names);
  unsigned taken = ladder_first_x(build, names) + (width - width / 2);

  return build->options->width > taken ? build->options->width - taken : 0;
}

/* Even gaps take what room there is, up to a point. */
static void grow_gaps(LadderBuild *build, unsigned room)
{
  unsigned count = (unsigned) build->ladder.column_count - 1;
  unsigned wide = build->options->dense ? LADDER_GAP_WIDE_DENSE : LADDER_GAP_WIDE;

  for (unsigned i = 0; i < count; i++) {
    unsigned most = MAX(build->gaps[i], wide);
    build->gaps[i] = MAX(build->gaps[i], MIN(room / count, most));
  }
}

/* The widest gaps give way first, down to the least. */
static void shrink_gaps(LadderBuild *build, unsigned room)
{
  unsigned most = LADDER_LABEL_MAX + ARROW_ROOMY + 1;

  while (most > least_gap(build) && sum_gaps(build, most) > room)
    most--;
  for (size_t i = 0; i + 1 < build->ladder.column_count; i++)
    build->gaps[i] = MIN(build->gaps[i], most);
}

const LadderLayout *ladder_choose_layout(LadderBuild *build)
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
  shrink_gaps(build, room_for_gaps(build, last->names));
  return last;
}
