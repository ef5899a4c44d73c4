#include "ui/show/compare_lines.h"

#include "capture/language.h"
#include "ui/show/format.h"

enum { NAME_WIDTH_MAX = 24, GAP = 2, SIDE_MIN = 12, INDENT = 2 };

typedef struct {
  const CompareLinesInput *input;
  GArray *lines;
  unsigned name_width, side_width;
} Lines;

static void add_line(const Lines *l, Slice text, Style style, size_t row)
{
  while (text.len > 0 && text.data[text.len - 1] == ' ')
    text.len--;
  const CompareLine line = {arena_dup(l->input->arena, text), style, row};
  g_array_append_val(l->lines, line);
}

/* The next part of a text that fits. */
static void append_part(const Lines *l, GString *to, Slice *rest, unsigned width)
{
  Slice part = rest->len > 0 ? text_take_words(rest, width) : SLICE("");

  text_append_cell(to, part, (TextCell){width, TEXT_LEFT}, l->input->charset);
}

static Slice safe_text(const Lines *l, Slice text)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, text, l->input->charset);
  return arena_dup(l->input->arena, slice_of(safe->str, safe->len));
}

/* A name and two values, each in as many lines as it needs. */
static void add_cells(const Lines *l, Slice name, const Slice values[2], CompareLine like)
{
  Slice rests[] = {safe_text(l, name), safe_text(l, values[0]), safe_text(l, values[1])};
  bool is_first = true;

  while (is_first || rests[0].len + rests[1].len + rests[2].len > 0) {
    g_autoptr(GString) line = g_string_new(NULL);
    append_part(l, line, &rests[0], l->name_width);
    for (size_t side = 0; side < 2; side++) {
      text_append_spaces(line, GAP);
      append_part(l, line, &rests[1 + side], l->side_width);
    }
    add_line(l, slice_of(line->str, line->len), like.style, like.row);
    is_first = false;
  }
}

static void add_fact(const Lines *l, const char *name, Slice left, Slice right, Style style)
{
  add_cells(l, slice_from_string(name), (Slice[]){left, right},
            (CompareLine){.style = style, .row = COMPARE_NO_ROW});
}

/* A sentence over the whole width. */
static void add_sentence(const Lines *l, const char *text, Style style, size_t row)
{
  Slice rest = safe_text(l, slice_from_string(text));

  while (rest.len > 0)
    add_line(l, text_take_words(&rest, MAX(l->input->width, (unsigned) SIDE_MIN)), style, row);
}

static Slice title_of(const Lines *l, size_t side)
{
  const CallProfile *profile = l->input->comparison->sides[side];
  const char *capture = l->input->captures ? l->input->captures[side] : NULL;
  g_autofree char *title = g_strdup_printf(_("call %u%s%s"), profile->number,
                                           capture ? _(" of ") : "", capture ? capture : "");

  return arena_dup(l->input->arena, slice_from_string(title));
}

static Slice time_of(const Lines *l, size_t side)
{
  Clock clock = l->input->clock;
  char text[TIME_TEXT_MAX];

  return arena_dup(l->input->arena, slice_from_string(clock_format(
                                      &clock, l->input->comparison->sides[side]->start_ns, text)));
}

static Slice outcome_of(const Lines *l, size_t side)
{
  const CallProfile *profile = l->input->comparison->sides[side];
  g_autoptr(GString) text = g_string_new(_(profile->result));

  if (profile->status != 0)
    g_string_append_printf(text, " (%u)", profile->status);
  return arena_dup(l->input->arena, slice_of(text->str, text->len));
}

static void add_facts(const Lines *l)
{
  const CallProfile *const *sides = l->input->comparison->sides;

  add_fact(l, "", title_of(l, 0), title_of(l, 1), STYLE_HEADING);
  add_fact(l, "Call-ID", sides[0]->call_id, sides[1]->call_id, STYLE_PLAIN);
  add_fact(l, _("from"), sides[0]->from, sides[1]->from, STYLE_PLAIN);
  add_fact(l, _("to"), sides[0]->to, sides[1]->to, STYLE_PLAIN);
  add_fact(l, _("start"), time_of(l, 0), time_of(l, 1), STYLE_PLAIN);
  add_fact(l, _("outcome"), outcome_of(l, 0), outcome_of(l, 1), STYLE_PLAIN);
  add_fact(l, _("cause"), slice_from_string(sides[0]->sentence),
           slice_from_string(sides[1]->sentence), STYLE_PLAIN);
}

static void add_explanation(const Lines *l)
{
  const CallComparison *comparison = l->input->comparison;
  g_autoptr(GString) text = g_string_new(NULL);

  if (comparison->explains == COMPARE_NO_ROW) {
    g_string_printf(text, _("No difference explains the outcome: %.*s"),
                    SLICE_ARG(comparison->why));
  } else {
    const CompareRow *row = &comparison->rows[comparison->explains];
    g_string_printf(text, _("First difference that explains the outcome of call %u: %.*s (%.*s)"),
                    comparison->sides[comparison->worse]->number, SLICE_ARG(row->name),
                    SLICE_ARG(comparison->why));
  }
  add_line(l, SLICE(""), STYLE_PLAIN, COMPARE_NO_ROW);
  add_sentence(l, text->str, STYLE_HINT, comparison->explains);
}

static void add_area(const Lines *l, CompareArea area)
{
  const CallComparison *comparison = l->input->comparison;

  add_line(l, SLICE(""), STYLE_PLAIN, COMPARE_NO_ROW);
  add_line(l, slice_from_string(_(compare_area_heading(area))), STYLE_HEADING, COMPARE_NO_ROW);
  for (size_t i = 0; i < comparison->count; i++) {
    const CompareRow *row = &comparison->rows[i];
    bool explains = i == comparison->explains;
    if (row->area != area)
      continue;
    Slice values[2];
    for (size_t side = 0; side < 2; side++)
      values[side] = row->values[side].data ? row->values[side] : SLICE("-");
    g_autofree char *name = g_strdup_printf("%s%.*s", explains ? "* " : "  ", SLICE_ARG(row->name));
    add_cells(l, slice_from_string(name), values,
              (CompareLine){.style = explains ? STYLE_WARNING : STYLE_PLAIN, .row = i});
  }
}

/* "The same: path, timing"; "Not compared: media". */
static void add_areas(const Lines *l, const char *heading, bool are_compared)
{
  const CallComparison *comparison = l->input->comparison;
  g_autoptr(GString) text = g_string_new(NULL);

  for (CompareArea area = 0; area < COMPARE_AREA_COUNT; area++)
    if (comparison->is_compared[area] == are_compared && comparison->counts[area] == 0)
      g_string_append_printf(text, "%s%s", text->len > 0 ? _(", ") : "",
                             _(compare_area_name(area)));
  if (text->len == 0)
    return;
  g_string_prepend(text, heading);
  add_sentence(l, text->str, STYLE_DIM, COMPARE_NO_ROW);
}

GArray *compare_lines_new(const CompareLinesInput *input)
{
  const CallComparison *comparison = input->comparison;
  Lines l = {.input = input, .lines = g_array_new(false, false, sizeof(CompareLine))};
  unsigned longest = (unsigned) strlen("Call-ID");

  for (size_t i = 0; i < comparison->count; i++)
    longest = MAX(longest, INDENT + text_width(comparison->rows[i].name));
  l.name_width = MIN(longest, MIN((unsigned) NAME_WIDTH_MAX, MAX(input->width / 4, 8U)));
  unsigned used = l.name_width + 2 * GAP;
  l.side_width = MAX(input->width > used ? (input->width - used) / 2 : 0, (unsigned) SIDE_MIN);
  add_facts(&l);
  add_explanation(&l);
  for (CompareArea area = 0; area < COMPARE_AREA_COUNT; area++)
    if (comparison->counts[area] > 0)
      add_area(&l, area);
  add_line(&l, SLICE(""), STYLE_PLAIN, COMPARE_NO_ROW);
  if (comparison->left_out > 0) {
    g_autofree char *text = g_strdup_printf(_("%zu more differences"), comparison->left_out);
    add_sentence(&l, text, STYLE_HINT, COMPARE_NO_ROW);
  }
  add_areas(&l, _("The same: "), true);
  add_areas(&l, _("Not compared: "), false);
  return l.lines;
}
